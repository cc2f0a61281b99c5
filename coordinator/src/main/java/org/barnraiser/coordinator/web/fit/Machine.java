package org.barnraiser.coordinator.web.fit;

import java.util.OptionalDouble;

/**
 * A machine that is there or made up.
 *
 * @param memoryBytes what it lends
 * @param bandwidthBytesPerSecond how fast it reads that memory; empty when unknown
 */
public record Machine(String name, long memoryBytes, OptionalDouble bandwidthBytesPerSecond) {}

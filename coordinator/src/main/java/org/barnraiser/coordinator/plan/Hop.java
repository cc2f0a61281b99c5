package org.barnraiser.coordinator.plan;

/**
 * The way from one stage's machine to the next one's.
 *
 * @param fromIncarnation incarnation of the earlier stage's machine
 * @param toIncarnation incarnation of the later stage's machine
 */
public record Hop(String fromIncarnation, String toIncarnation) {}

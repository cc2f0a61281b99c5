package org.barnraiser.coordinator.plan;

/**
 * A stage that a machine runs, or ran when it was last seen.
 *
 * @param incarnationId of the machine
 * @param layers what it runs
 */
public record Placement(String incarnationId, Layers layers) {}

package org.barnraiser.coordinator.cli;

/** What a plan is to be good at. */
enum Optimise {
    /** The shortest time per token for one reader. */
    LATENCY,
    /** The most tokens per second for all readers together. */
    THROUGHPUT
}

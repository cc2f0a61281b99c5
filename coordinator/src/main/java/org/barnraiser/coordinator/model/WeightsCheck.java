package org.barnraiser.coordinator.model;

import java.util.List;

/** Reads the hosted model again on every worker's disk, and has damaged tensors fetched anew. Thread-safe; never blocks. */
public interface WeightsCheck {

    /** Where there is nothing to read. */
    WeightsCheck NONE = new WeightsCheck() {
        @Override
        public State begin() {
            return state();
        }

        @Override
        public State state() {
            return new State(false, "", 0, 0, List.of(), List.of(), List.of());
        }
    };

    /** Begins, unless it is going on. */
    State begin();

    /** How far it is, or what the last one has found. */
    State state();

    /**
     * A check.
     *
     * @param modelDigest what was read
     * @param workers that have been asked
     * @param failures workers that could not be checked, one sentence each
     */
    record State(boolean running, String modelDigest, long doneBytes, long totalBytes, List<String> workers,
            List<Damage> damages, List<String> failures) {}

    /** A tensor that was not as it must be on a worker's disk, and whether it is again. */
    record Damage(String worker, String tensor, boolean repaired) {}
}

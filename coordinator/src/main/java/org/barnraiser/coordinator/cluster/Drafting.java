package org.barnraiser.coordinator.cluster;

/** What came of the attempt to draft a plan. */
sealed interface Drafting {

    /** A plan that has been written down. */
    record Drafted(Rollout rollout) implements Drafting {}

    /**
     * These workers cannot run the model, however often one tries.
     *
     * @param reason one sentence in plain words
     */
    record NotPossible(String reason) implements Drafting {}

    /**
     * It may be possible the next time.
     *
     * @param reason one sentence in plain words
     */
    record TryAgain(String reason) implements Drafting {}
}

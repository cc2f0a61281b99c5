package org.barnraiser.coordinator.cluster;

/** What came of the attempt to draft a plan, or to write it down. */
sealed interface Drafting {

    /** A plan that nobody knows of yet. */
    record Drafted(Proposal proposal) implements Drafting {}

    /** A plan that has been written down. */
    record Written(Rollout rollout) implements Drafting {}

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

    /**
     * Another coordinator has made a plan since this one made its last.
     *
     * @param epoch of the other's plan
     */
    record Overtaken(long epoch) implements Drafting {}
}

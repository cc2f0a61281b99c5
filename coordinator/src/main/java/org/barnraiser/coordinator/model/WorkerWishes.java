package org.barnraiser.coordinator.model;

import org.barnraiser.proto.Wish;

/** Passes on to workers what people want of them. */
public interface WorkerWishes {

    /** Tells the worker. Blocks on a call to it, with a deadline. */
    Outcome tell(String workerId, Wish wish);

    /** What has become of it. */
    sealed interface Outcome {
        /** The worker knows, and so does the cluster. */
        record Told() implements Outcome {}

        /** No such worker is registered. */
        record Unknown() implements Outcome {}

        /**
         * It was not told.
         *
         * @param reason one sentence in plain words
         */
        record NotTold(String reason) implements Outcome {}
    }
}

package org.barnraiser.coordinator.model;

/** Whether a model answers now. */
public sealed interface Readiness {

    /** A real token has crossed every stage. */
    record Ready() implements Readiness {}

    /**
     * The model does not answer now.
     *
     * @param reason one sentence in plain words
     * @param retryAfterSeconds when asking again may help
     * @param takingOver whether it answered before and is on its way to do so again, so that a request may as well wait
     */
    record NotReady(String reason, int retryAfterSeconds, boolean takingOver) implements Readiness {

        /** It is not worth waiting for. */
        public NotReady(String reason, int retryAfterSeconds) {
            this(reason, retryAfterSeconds, false);
        }
    }
}

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
     */
    record NotReady(String reason, int retryAfterSeconds) implements Readiness {}
}

package org.barnraiser.coordinator.schedule;

/** The tail said something that cannot follow from what it was sent. */
final class PipelineProtocolException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    PipelineProtocolException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /** One sentence in plain words. */
    String reason() {
        return reason;
    }
}

package org.barnraiser.coordinator.model;

/** The model cannot answer now; the message says why in plain words. */
public class ModelUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int retryAfterSeconds;

    public ModelUnavailableException(String reason, int retryAfterSeconds) {
        super(reason);
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /** When asking again may help. */
    public int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}

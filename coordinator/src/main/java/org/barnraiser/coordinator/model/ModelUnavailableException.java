package org.barnraiser.coordinator.model;

/** The model cannot answer now; the message says why in plain words. */
public class ModelUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int retryAfterSeconds;
    private final boolean queueFull;

    /** The model is not ready. */
    public ModelUnavailableException(String reason, int retryAfterSeconds) {
        this(reason, retryAfterSeconds, false);
    }

    private ModelUnavailableException(String reason, int retryAfterSeconds, boolean queueFull) {
        super(reason);
        this.retryAfterSeconds = retryAfterSeconds;
        this.queueFull = queueFull;
    }

    /** The model is ready, but as many generations wait for it as may. */
    public static ModelUnavailableException queueFull(String reason, int retryAfterSeconds) {
        return new ModelUnavailableException(reason, retryAfterSeconds, true);
    }

    /** Whether the model works but has too much to do. */
    public boolean isQueueFull() {
        return queueFull;
    }

    /** When asking again may help. */
    public int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}

package org.barnraiser.coordinator.adapter;

/** Why an adapter cannot be had or kept, in one sentence. */
public final class AdapterException extends Exception {
    private static final long serialVersionUID = 1L;

    AdapterException(String message) {
        super(message);
    }

    AdapterException(String message, Throwable cause) {
        super(message, cause);
    }
}

package org.barnraiser.coordinator.api.embeddings;

/** What was asked for is no text of which a meaning can be told; the message says what {@code input} must be. */
public final class InvalidInputException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidInputException(String message) {
        super(message);
    }
}

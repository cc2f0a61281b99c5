package org.barnraiser.coordinator.library;

/** Something about a model cannot be done; the message is one sentence that says what to do. */
public final class LibraryException extends Exception {
    private static final long serialVersionUID = 1L;

    public LibraryException(String message) {
        super(message);
    }

    public LibraryException(String message, Throwable cause) {
        super(message, cause);
    }
}

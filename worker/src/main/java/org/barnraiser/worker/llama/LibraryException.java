package org.barnraiser.worker.llama;

/** A native library that cannot be found or opened, lacks a function, or has an unknown struct layout. */
public final class LibraryException extends LlamaException {
    private static final long serialVersionUID = 1L;

    LibraryException(String message) {
        super(message);
    }

    LibraryException(String message, Throwable cause) {
        super(message, cause);
    }
}

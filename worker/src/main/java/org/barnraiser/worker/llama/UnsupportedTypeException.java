package org.barnraiser.worker.llama;

/** A ggml type that this library does not know, or cannot turn into f32. */
public final class UnsupportedTypeException extends LlamaException {
    private static final long serialVersionUID = 1L;

    UnsupportedTypeException(String message) {
        super(message);
    }
}

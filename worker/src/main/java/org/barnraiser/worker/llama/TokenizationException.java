package org.barnraiser.worker.llama;

/** A text that cannot be turned into tokens: too long, or the model has no vocabulary. */
public final class TokenizationException extends LlamaException {
    private static final long serialVersionUID = 1L;

    TokenizationException(String message) {
        super(message);
    }
}

package org.barnraiser.worker.llama;

/** Something that llama.cpp refused or could not do. The message is for people and carries llama.cpp's own last log line. */
public abstract sealed class LlamaException extends Exception
        permits LibraryException, ModelLoadException, ContextException, DecodeException, TokenizationException,
        SamplerException, UnsupportedTypeException {
    private static final long serialVersionUID = 1L;

    LlamaException(String message) {
        super(message);
    }

    LlamaException(String message, Throwable cause) {
        super(message, cause);
    }
}

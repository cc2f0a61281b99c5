package org.barnraiser.worker.llama;

/** A context (KV cache and compute buffers) that llama.cpp could not make. */
public final class ContextException extends LlamaException {
    private static final long serialVersionUID = 1L;

    ContextException(String message) {
        super(message);
    }
}

package org.barnraiser.worker.llama;

/** A sampler that llama.cpp refused, or a token that the chain's grammar forbids. */
public final class SamplerException extends LlamaException {
    private static final long serialVersionUID = 1L;

    SamplerException(String message) {
        super(message);
    }
}

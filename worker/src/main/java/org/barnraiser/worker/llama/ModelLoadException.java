package org.barnraiser.worker.llama;

/** A model file that is not there, not a GGUF, larger than the memory limit, or refused by llama.cpp. */
public final class ModelLoadException extends LlamaException {
    private static final long serialVersionUID = 1L;

    ModelLoadException(String message) {
        super(message);
    }
}

package org.barnraiser.worker.llama;

import java.lang.foreign.MemorySegment;

/** An adapter that is loaded for one model, and freed with it or after all contexts of it by {@link #close}. */
public final class LoraAdapter implements AutoCloseable {
    private final LlamaModel model;
    private final MemorySegment pointer;
    private boolean closed;

    LoraAdapter(LlamaModel model, MemorySegment pointer) {
        this.model = model;
        this.pointer = pointer;
    }

    MemorySegment pointer(LlamaModel user) {
        if (closed || user != model) {
            throw new IllegalStateException("the adapter is closed, or another model's");
        }
        return pointer;
    }

    /** Idempotent; no context may use it any more, and its model must be open. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            model.library().abiFunctions().freeAdapter(pointer);
        }
    }
}

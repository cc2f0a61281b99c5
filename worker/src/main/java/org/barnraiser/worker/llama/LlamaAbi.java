package org.barnraiser.worker.llama;

/** The layouts of llama.cpp's structs and the signatures of its functions that this package knows. */
public enum LlamaAbi {
    /** March 2025, build b4916: {@code llama_kv_self_*}, {@code use_mmap}. */
    B4916("b4916"),
    /** September 2026, v0.5.0: {@code llama_memory_*}, {@code load_mode}. */
    V0_5("v0.5");

    private final String label;

    LlamaAbi(String label) {
        this.label = label;
    }

    @Override
    public String toString() {
        return label;
    }
}

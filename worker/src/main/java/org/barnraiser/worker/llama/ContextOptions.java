package org.barnraiser.worker.llama;

/**
 * The size of a context. {@link FlashAttention} follows from it.
 *
 * @param contextTokens KV cells that all slots share (n_ctx); llama.cpp rounds up
 * @param batchTokens rows of one {@link Batch} at most (n_batch and n_ubatch)
 * @param slots sequences that the cache tells apart (n_seq_max)
 * @param threads that llama.cpp computes with
 * @param captureHiddenStates take the last layer's output instead of logits; the output matrix is then never computed
 * @param cacheType of keys and values
 * @param captureNormed besides logits, let what the output matrix takes be read
 */
public record ContextOptions(int contextTokens, int batchTokens, int slots, int threads, boolean captureHiddenStates,
        CacheType cacheType, boolean captureNormed) {
    /** What both ABIs hold, b4916 in its KV cells and v0.5 in LLAMA_MAX_SEQ. */
    public static final int MAX_SLOTS = 256;

    private static final int MAX_CONTEXT_TOKENS = 1 << 26;
    private static final int MAX_BATCH_TOKENS = 1 << 16;
    private static final int MAX_THREADS = 512;

    public ContextOptions {
        require("contextTokens", contextTokens, MAX_CONTEXT_TOKENS);
        require("batchTokens", batchTokens, Math.min(contextTokens, MAX_BATCH_TOKENS));
        require("slots", slots, MAX_SLOTS);
        require("threads", threads, MAX_THREADS);
        if (captureHiddenStates && captureNormed) {
            throw new IllegalArgumentException("a context that captures hidden states computes no output norm");
        }
    }

    /** Nothing but logits, or hidden states. */
    public ContextOptions(int contextTokens, int batchTokens, int slots, int threads, boolean captureHiddenStates,
            CacheType cacheType) {
        this(contextTokens, batchTokens, slots, threads, captureHiddenStates, cacheType, false);
    }

    /** With a cache of f16. */
    public ContextOptions(int contextTokens, int batchTokens, int slots, int threads, boolean captureHiddenStates) {
        this(contextTokens, batchTokens, slots, threads, captureHiddenStates, CacheType.F16);
    }

    public ContextOptions withCacheType(CacheType type) {
        return new ContextOptions(contextTokens, batchTokens, slots, threads, captureHiddenStates, type, captureNormed);
    }

    /** Lets what the output matrix takes be read as well, which is only for contexts that compute logits. */
    public ContextOptions withNormed() {
        return new ContextOptions(contextTokens, batchTokens, slots, threads, captureHiddenStates, cacheType, true);
    }

    private static void require(String name, int value, int max) {
        if (value < 1 || value > max) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be 1 to " + max);
        }
    }
}

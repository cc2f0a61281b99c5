package org.barnraiser.worker.llama;

/**
 * Whether a context computes attention in one pass over the cells of the KV cache (ggml_flash_attn_ext) instead of by products of whole
 * matrices.
 *
 * <p>On a processor it passes over cells that a token must not see, which are most of them where many share a cache: those of other
 * readers, and what is kept of earlier answers. By itself a cell costs it more, so it is slower for whoever has the cache alone.
 */
public enum FlashAttention {
    OFF,
    /** Unless the device or the model is not made for it. */
    WHERE_POSSIBLE,
    /** The cache cannot be read otherwise. */
    NEEDED;

    /** Of fewer, each sees so much of the cache that whole matrices are faster (docs/performance.md). */
    public static final int MANY_SLOTS = 4;

    public static FlashAttention of(CacheType cache, int slots) {
        if (cache != CacheType.F16) {
            return NEEDED;
        }
        return slots >= MANY_SLOTS ? WHERE_POSSIBLE : OFF;
    }
}

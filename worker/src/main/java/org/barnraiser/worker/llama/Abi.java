package org.barnraiser.worker.llama;

import java.lang.foreign.MemorySegment;

/** What differs between the two ABIs beyond offsets. */
abstract sealed class Abi permits AbiB4916, AbiV05 {
    private final AbiLayout layout;

    Abi(AbiLayout layout) {
        this.layout = layout;
    }

    static Abi bind(AbiLayout layout, NativeFunctions functions) throws LibraryException {
        return switch (layout.abi()) {
            case B4916 -> new AbiB4916(layout, functions);
            case V0_5 -> new AbiV05(layout, functions);
        };
    }

    final AbiLayout layout() {
        return layout;
    }

    /** Weights mapped from the file (shared between processes, loaded on demand) or read into memory. */
    abstract void setMemoryMapping(ParameterStruct.Values modelParams, boolean useMmap);

    /** One KV cache for all slots, full-size for sliding windows: as the other ABI does by itself. */
    abstract void setCacheDefaults(ParameterStruct.Values contextParams);

    abstract void setFlashAttention(ParameterStruct.Values contextParams, FlashAttention attention);

    /** Whether flash attention needs keys as long as values; without them a cache that it must read cannot be made. */
    abstract boolean flashAttentionNeedsEqualHeads();

    abstract CacheFunctions cacheFunctions();

    /** What {@link #cacheFunctions} take as their first argument. */
    abstract MemorySegment cacheOf(MemorySegment context);

    /** Whether llama_decode failed because the KV cache has no room. */
    abstract boolean lacksRoom(int code, String problems);

    /** Whether a batch needs neighbouring free cells, so that one that finds no room may still fit in parts. */
    abstract boolean needsNeighbouringCells();

    /** Whether several contexts of one process may compute at the same time. */
    abstract boolean computesSideBySide();

    /** Values per row of an embedding input, llama_model_n_embd_inp where it exists. */
    abstract int inputLength(MemorySegment model, int embeddingLength);

    /** Models whose state is not (only) a KV cache per token. */
    abstract boolean isHybrid(MemorySegment model);

    abstract MemorySegment newPenalties(int vocabularySize, Sampler.Penalties penalties);

    abstract MemorySegment newDry(MemorySegment vocab, int trainedContextTokens, Sampler.Dry dry,
            MemorySegment breakers);

    /** Computes with these adapters alone from now on; false when llama.cpp cannot. */
    abstract boolean setAdapters(MemorySegment context, MemorySegment[] adapters, float[] scales);

    /** Frees an adapter, unless it is freed with its model. */
    abstract void freeAdapter(MemorySegment adapter);

    abstract Device.Kind deviceKind(int type);
}

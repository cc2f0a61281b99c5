package org.barnraiser.worker.llama;

import java.lang.foreign.MemorySegment;

/** llama.cpp b4916. */
final class AbiB4916 extends Abi {
    /** Signatures as in that version's llama.h. */
    interface Samplers {
        MemorySegment initPenalties(int lastTokens, float repeat, float frequency, float presence);

        MemorySegment initDry(MemorySegment vocab, int trainedContextTokens, float multiplier, float base,
                int allowedLength, int lastTokens, MemorySegment breakers, long breakerCount);
    }

    /** Functions of llama.h that only this version has. */
    interface Adapters {
        int setAdapterLora(MemorySegment context, MemorySegment adapter, float scale);

        void clearAdapterLora(MemorySegment context);

        void adapterLoraFree(MemorySegment adapter);
    }

    private final CacheFunctions cache;
    private final Adapters adapters;
    private final Samplers samplers;

    AbiB4916(AbiLayout layout, NativeFunctions functions) throws LibraryException {
        super(layout);
        cache = functions.bind(CacheFunctions.class, "llama_kv_self_");
        adapters = functions.bind(Adapters.class, "llama_");
        samplers = functions.bind(Samplers.class, "llama_sampler_");
    }

    @Override
    void setMemoryMapping(ParameterStruct.Values modelParams, boolean useMmap) {
        modelParams.set("use_mmap", useMmap);
    }

    /** Its cache is one for all slots, and full-size. */
    @Override
    void setCacheDefaults(ParameterStruct.Values contextParams) {
        // Nothing to set.
    }

    @Override
    void setFlashAttention(ParameterStruct.Values contextParams, FlashAttention attention) {
        contextParams.set("flash_attn", attention != FlashAttention.OFF);
    }

    @Override
    boolean flashAttentionNeedsEqualHeads() {
        return true;
    }

    @Override
    CacheFunctions cacheFunctions() {
        return cache;
    }

    @Override
    MemorySegment cacheOf(MemorySegment context) {
        return context;
    }

    /** This version's decode says the same, -3, when the computation fails. */
    @Override
    boolean lacksRoom(int code, String problems) {
        return code == -3 && problems.contains("failed to prepare ubatch");
    }

    /** Its llama_kv_self_defrag could move cells together, but ends the process with an assertion when the cache is full. */
    @Override
    boolean needsNeighbouringCells() {
        return true;
    }

    /** Its matrix multiplication for processors (tinyBLAS) deals out work by a counter that is static, and thus all contexts'. */
    @Override
    boolean computesSideBySide() {
        return false;
    }

    @Override
    int inputLength(MemorySegment model, int embeddingLength) {
        return embeddingLength;
    }

    @Override
    boolean isHybrid(MemorySegment model) {
        return false;
    }

    @Override
    MemorySegment newPenalties(int vocabularySize, Sampler.Penalties penalties) {
        return samplers.initPenalties(penalties.lastTokens(), penalties.repeat(), penalties.frequency(),
                penalties.presence());
    }

    @Override
    MemorySegment newDry(MemorySegment vocab, int trainedContextTokens, Sampler.Dry dry, MemorySegment breakers) {
        return samplers.initDry(vocab, trainedContextTokens, dry.multiplier(), dry.base(), dry.allowedLength(),
                dry.lastTokens(), breakers, dry.sequenceBreakers().size());
    }

    @Override
    boolean setAdapters(MemorySegment context, MemorySegment[] used, float[] scales) {
        adapters.clearAdapterLora(context);
        boolean set = true;
        for (int i = 0; i < used.length; i++) {
            set &= adapters.setAdapterLora(context, used[i], scales[i]) == 0;
        }
        return set;
    }

    @Override
    void freeAdapter(MemorySegment adapter) {
        adapters.adapterLoraFree(adapter);
    }

    @Override
    Device.Kind deviceKind(int type) {
        return switch (type) {
            case 0 -> Device.Kind.CPU;
            case 1 -> Device.Kind.GPU;
            default -> Device.Kind.ACCELERATOR;
        };
    }
}

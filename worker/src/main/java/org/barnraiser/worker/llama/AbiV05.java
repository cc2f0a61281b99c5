package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

/** llama.cpp v0.5. */
final class AbiV05 extends Abi {
    private static final int LOAD_MODE_NONE = 0;
    private static final int LOAD_MODE_MMAP = 1;
    private static final int FLASH_ATTN_TYPE_AUTO = -1;
    private static final int FLASH_ATTN_TYPE_DISABLED = 0;
    private static final int FLASH_ATTN_TYPE_ENABLED = 1;

    /** Signatures as in that version's llama.h: the window of "all tokens" is gone, and so is what it was computed from. */
    interface Samplers {
        MemorySegment initPenalties(int vocabularySize, int lastTokens, float repeat, float frequency, float presence);

        MemorySegment initDry(MemorySegment vocab, float multiplier, float base, int allowedLength, int lastTokens,
                MemorySegment breakers, long breakerCount);
    }

    /** Functions of llama.h that only this version has. */
    interface Models {
        MemorySegment getMemory(MemorySegment context);

        int modelNEmbdInp(MemorySegment model);

        boolean modelIsHybrid(MemorySegment model);

        int setAdaptersLora(MemorySegment context, MemorySegment adapters, long count, MemorySegment scales);
    }

    private final CacheFunctions cache;
    private final Samplers samplers;
    private final Models models;

    AbiV05(AbiLayout layout, NativeFunctions functions) throws LibraryException {
        super(layout);
        cache = functions.bind(CacheFunctions.class, "llama_memory_");
        samplers = functions.bind(Samplers.class, "llama_sampler_");
        models = functions.bind(Models.class, "llama_");
    }

    @Override
    void setMemoryMapping(ParameterStruct.Values modelParams, boolean useMmap) {
        modelParams.set("load_mode", useMmap ? LOAD_MODE_MMAP : LOAD_MODE_NONE);
    }

    @Override
    void setCacheDefaults(ParameterStruct.Values contextParams) {
        contextParams.set("swa_full", true).set("kv_unified", true);
    }

    @Override
    void setFlashAttention(ParameterStruct.Values contextParams, FlashAttention attention) {
        contextParams.set("flash_attn_type", switch (attention) {
            case OFF -> FLASH_ATTN_TYPE_DISABLED;
            case WHERE_POSSIBLE -> FLASH_ATTN_TYPE_AUTO;
            case NEEDED -> FLASH_ATTN_TYPE_ENABLED;
        });
    }

    @Override
    boolean flashAttentionNeedsEqualHeads() {
        return false;
    }

    @Override
    CacheFunctions cacheFunctions() {
        return cache;
    }

    @Override
    MemorySegment cacheOf(MemorySegment context) {
        return models.getMemory(context);
    }

    @Override
    boolean lacksRoom(int code, String problems) {
        return code == 1;
    }

    @Override
    boolean needsNeighbouringCells() {
        return false;
    }

    @Override
    boolean computesSideBySide() {
        return true;
    }

    @Override
    int inputLength(MemorySegment model, int embeddingLength) {
        return models.modelNEmbdInp(model);
    }

    @Override
    boolean isHybrid(MemorySegment model) {
        return models.modelIsHybrid(model);
    }

    @Override
    MemorySegment newPenalties(int vocabularySize, Sampler.Penalties penalties) {
        return samplers.initPenalties(vocabularySize, penalties.lastTokens(), penalties.repeat(),
                penalties.frequency(), penalties.presence());
    }

    @Override
    MemorySegment newDry(MemorySegment vocab, int trainedContextTokens, Sampler.Dry dry, MemorySegment breakers) {
        return samplers.initDry(vocab, dry.multiplier(), dry.base(), dry.allowedLength(), dry.lastTokens(), breakers,
                dry.sequenceBreakers().size());
    }

    @Override
    boolean setAdapters(MemorySegment context, MemorySegment[] adapters, float[] scales) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointers = arena.allocate(ADDRESS, Math.max(1, adapters.length));
            for (int i = 0; i < adapters.length; i++) {
                pointers.setAtIndex(ADDRESS, i, adapters[i]);
            }
            MemorySegment factors = arena.allocate(JAVA_FLOAT, Math.max(1, scales.length));
            MemorySegment.copy(scales, 0, factors, JAVA_FLOAT, 0, scales.length);
            return models.setAdaptersLora(context, pointers, adapters.length, factors) == 0;
        }
    }

    /** In this version the model owns it. */
    @Override
    void freeAdapter(MemorySegment adapter) {
        // Freed with the model.
    }

    @Override
    Device.Kind deviceKind(int type) {
        return switch (type) {
            case 0 -> Device.Kind.CPU;
            case 1, 2 -> Device.Kind.GPU; // discrete and integrated
            default -> Device.Kind.ACCELERATOR;
        };
    }
}

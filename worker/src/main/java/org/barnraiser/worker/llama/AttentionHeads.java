package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

/**
 * What one layer of a model keeps for each token.
 *
 * @param keyLength values of a head's key
 * @param valueLength values of a head's value
 * @param count heads that keys and values are kept for (n_head_kv)
 */
record AttentionHeads(int keyLength, int valueLength, int count) {
    private static final int TEXT_BYTES = 64;

    /** As the model's metadata says, or else as llama.cpp takes it: the width shared out evenly. */
    static AttentionHeads of(LlamaFunctions llama, MemorySegment model) {
        int even = llama.modelNEmbd(model) / Math.max(1, llama.modelNHead(model));
        String architecture = text(llama, model, "general.architecture");
        return new AttentionHeads(number(text(llama, model, architecture + ".attention.key_length"), even),
                number(text(llama, model, architecture + ".attention.value_length"), even),
                llama.modelNHeadKv(model));
    }

    long bytesPerToken(CacheType type) {
        return type.bytes((long) keyLength * count) + type.bytes((long) valueLength * count);
    }

    /** llama.cpp would give no context, or end the process, for a type that these heads cannot be stored in. */
    void requireWholeBlocks(CacheType type, Abi abi) throws ContextException {
        if (keyLength % type.blockLength() != 0 || valueLength % type.blockLength() != 0) {
            throw new ContextException("a KV cache of " + type + " stores blocks of " + type.blockLength()
                    + " values, but the heads of this model have " + keyLength + " and " + valueLength
                    + "; start the worker with --cache-type f16");
        }
        if (type != CacheType.F16 && keyLength != valueLength && abi.flashAttentionNeedsEqualHeads()) {
            throw new ContextException("llama.cpp " + abi.layout().abi() + " reads a KV cache of " + type
                    + " only when keys are as long as values, but those of this model have " + keyLength + " and "
                    + valueLength + "; start the worker with --cache-type f16, or with a newer llama.cpp");
        }
    }

    private static String text(LlamaFunctions llama, MemorySegment model, String key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(JAVA_BYTE, TEXT_BYTES);
            int length = llama.modelMetaValStr(model, arena.allocateFrom(key), buffer, buffer.byteSize());
            return length < 0 ? "" : buffer.getString(0);
        }
    }

    private static int number(String text, int otherwise) {
        return text.matches("[1-9][0-9]{0,6}") ? Integer.parseInt(text) : otherwise;
    }
}

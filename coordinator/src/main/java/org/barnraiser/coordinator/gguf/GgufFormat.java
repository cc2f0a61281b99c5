package org.barnraiser.coordinator.gguf;

/** Fixed numbers of the GGUF format, and the limits we set where it sets none. */
final class GgufFormat {
    /** "GGUF", read as a little-endian number. */
    static final int MAGIC = 0x46554747;
    static final int VERSION = 3;
    static final int DEFAULT_ALIGNMENT = 32;
    static final int MAX_ALIGNMENT = 64 << 10;
    static final String ALIGNMENT_KEY = "general.alignment";

    /** Keys and tensor names; the longest real ones have about 60 bytes. */
    static final int MAX_KEY_BYTES = 1024;
    /** ggml keeps a tensor's name in 64 bytes, the closing zero included. */
    static final int MAX_TENSOR_NAME_BYTES = 63;
    static final int MAX_METADATA_COUNT = 1 << 16;
    static final int MAX_TENSOR_COUNT = 1 << 16;
    static final int MAX_ARRAY_DEPTH = 4;
    static final int MAX_DIMENSIONS = 4;
    static final int MAX_SPLIT_FILES = 1000;
    /** llama.cpp keeps per-layer hyper-parameters in arrays of this length (LLAMA_MAX_LAYERS). */
    static final int MAX_LAYERS = 512;

    private GgufFormat() {}

    /** Bytes to add to {@code offset} to reach a multiple of {@code alignment}. */
    static long padding(long offset, int alignment) {
        return Math.floorMod(-offset, (long) alignment);
    }
}

package org.barnraiser.worker.llama;

/** How a KV cache stores its values. Each stage has a cache of its own, so the stages of a pipeline may differ. */
public enum CacheType {
    /** Two bytes for each value. */
    F16("f16", 1, 1, 2),
    /** 34 bytes for each 32 values: about half as much, and answers that differ a little. */
    Q8_0("q8_0", 8, 32, 34);

    private final String label;
    private final int ggmlType;
    private final int blockLength;
    private final int blockBytes;

    CacheType(String label, int ggmlType, int blockLength, int blockBytes) {
        this.label = label;
        this.ggmlType = ggmlType;
        this.blockLength = blockLength;
        this.blockBytes = blockBytes;
    }

    /** The number that ggml.h gives it. */
    int ggmlType() {
        return ggmlType;
    }

    /** Values that are stored together; the heads of a model must be whole blocks. */
    int blockLength() {
        return blockLength;
    }

    /** What so many values take, rounded up to whole blocks. */
    public long bytes(long values) {
        return (values + blockLength - 1) / blockLength * blockBytes;
    }

    /** As in {@code --cache-type}. */
    @Override
    public String toString() {
        return label;
    }
}

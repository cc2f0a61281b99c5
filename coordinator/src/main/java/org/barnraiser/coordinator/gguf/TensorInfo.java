package org.barnraiser.coordinator.gguf;

import com.google.common.primitives.ImmutableLongArray;

/**
 * Where a tensor lies and what it holds.
 *
 * @param name its name in the file
 * @param type how its values are stored
 * @param shape values per dimension, the length of a row first (ggml's {@code ne}); 1 to 4 dimensions
 * @param fileIndex which file of a split set, 0 for a single file
 * @param offsetBytes from the start of that file
 * @param lengthBytes of its data, padding not counted
 */
public record TensorInfo(String name, GgmlType type, ImmutableLongArray shape, int fileIndex, long offsetBytes,
        long lengthBytes) {

    /** Values in one row. */
    public long columns() {
        return shape.get(0);
    }

    /** Rows over all other dimensions. */
    public long rows() {
        return valueCount() / columns();
    }

    /** Values in all. */
    public long valueCount() {
        return shape.stream().reduce(1, Math::multiplyExact);
    }

    /** Length of a dimension, 1 beyond the last. */
    public long dimension(int index) {
        return index < shape.length() ? shape.get(index) : 1;
    }
}

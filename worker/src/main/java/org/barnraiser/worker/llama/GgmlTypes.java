package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/** Conversion between f32 and ggml's tensor types, by ggml's own code. Types are numbers of enum ggml_type. */
public final class GgmlTypes {
    /** enum ggml_type. */
    public static final int F32 = 0;

    /** struct ggml_type_traits: name, int64 block size, int64 (interleave), size_t type size, bool, to_float, … */
    private static final long TRAITS_BYTES = 48;
    private static final long BLOCK_SIZE_OFFSET = 8;
    private static final long TYPE_SIZE_OFFSET = 24;
    private static final long TO_FLOAT_OFFSET = 40;

    private final GgmlFunctions ggml;
    private final int typeCount;

    GgmlTypes(GgmlFunctions ggml, int typeCount) {
        this.ggml = ggml;
        this.typeCount = typeCount;
    }

    /** A decoder of rows of this type to f32. */
    public RowDecoder rowDecoder(int ggmlType) throws UnsupportedTypeException {
        MemorySegment traits = traits(ggmlType);
        requireConvertible(ggmlType, traits);
        return new RowDecoder(name(traits), blockSize(traits), traits.get(JAVA_LONG, TYPE_SIZE_OFFSET),
                traits.get(ADDRESS, TO_FLOAT_OFFSET));
    }

    /**
     * Turns rows of {@code columns} values into rows of this type, one after the other (ggml_quantize_chunk).
     *
     * @throws IllegalArgumentException when the values are no whole rows, or the columns no whole blocks
     */
    public byte[] quantize(int ggmlType, float[] values, int columns) throws UnsupportedTypeException {
        MemorySegment traits = traits(ggmlType);
        requireConvertible(ggmlType, traits);
        int blockSize = blockSize(traits);
        if (columns < 1 || columns % blockSize != 0 || values.length % columns != 0) {
            throw new IllegalArgumentException("%d values in rows of %d columns are no whole blocks of %d values"
                    .formatted(values.length, columns, blockSize));
        }
        if (ggml.quantizeRequiresImatrix(ggmlType)) {
            throw new UnsupportedTypeException(
                    "ggml type " + name(traits) + " cannot be made without an importance matrix");
        }
        long rows = values.length / columns;
        long bytes = Math.multiplyExact((long) values.length / blockSize, traits.get(JAVA_LONG, TYPE_SIZE_OFFSET));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = arena.allocateFrom(JAVA_FLOAT, values);
            MemorySegment destination = arena.allocate(bytes, JAVA_LONG.byteAlignment());
            long written = ggml.quantizeChunk(ggmlType, source, destination, 0, rows, columns, MemorySegment.NULL);
            if (written != bytes) {
                throw new UnsupportedTypeException("ggml cannot make values of type " + name(traits));
            }
            return destination.toArray(JAVA_BYTE);
        }
    }

    private MemorySegment traits(int ggmlType) throws UnsupportedTypeException {
        if (ggmlType < 0 || ggmlType >= typeCount) {
            throw new UnsupportedTypeException(
                    "ggml type " + ggmlType + " is unknown to this llama.cpp, which knows 0 to " + (typeCount - 1));
        }
        MemorySegment traits = NativeMemory.view(ggml.getTypeTraits(ggmlType), TRAITS_BYTES);
        if (blockSize(traits) == 0) {
            throw new UnsupportedTypeException("ggml type " + ggmlType + " is no longer supported by llama.cpp");
        }
        return traits;
    }

    /** ggml aborts the process when it is to make values of other types. */
    private static void requireConvertible(int ggmlType, MemorySegment traits) throws UnsupportedTypeException {
        if (ggmlType != F32 && NativeMemory.isNull(traits.get(ADDRESS, TO_FLOAT_OFFSET))) {
            throw new UnsupportedTypeException(
                    "values of ggml type " + name(traits) + " cannot be converted from and to f32");
        }
    }

    private static int blockSize(MemorySegment traits) {
        return Math.toIntExact(traits.get(JAVA_LONG, BLOCK_SIZE_OFFSET));
    }

    private static String name(MemorySegment traits) {
        return NativeMemory.string(traits.get(ADDRESS, 0));
    }
}

package org.barnraiser.worker.llama;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/** Turns rows of one ggml type into f32 with ggml's to_float. Safe for use by several threads. */
public final class RowDecoder {
    private final String typeName;
    private final int blockSize;
    private final long typeSize;
    private final @Nullable MethodHandle toFloat;

    /** @param toFloat {@code void (const void * x, float * y, int64_t k)}; NULL for f32, which is copied */
    @SuppressWarnings("restricted")
    RowDecoder(String typeName, int blockSize, long typeSize, MemorySegment toFloat) {
        this.typeName = typeName;
        this.blockSize = blockSize;
        this.typeSize = typeSize;
        this.toFloat = NativeMemory.isNull(toFloat)
                ? null
                : Linker.nativeLinker().downcallHandle(toFloat, FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG));
    }

    /** ggml's name of the type, such as {@code q8_0}. */
    public String typeName() {
        return typeName;
    }

    /** Values per block. */
    public int blockSize() {
        return blockSize;
    }

    /** Bytes per block. */
    public long typeSize() {
        return typeSize;
    }

    /** Bytes of a row; the columns must be whole blocks. */
    public long rowBytes(int columns) {
        if (columns < 1 || columns % blockSize != 0) {
            throw new IllegalArgumentException(
                    columns + " columns are no whole blocks of " + blockSize + " values of type " + typeName);
        }
        return columns / blockSize * typeSize;
    }

    /**
     * Decodes one row.
     *
     * @param row native memory of {@link #rowBytes} bytes
     * @param outF32 native memory for {@code columns} floats
     */
    public void decode(MemorySegment row, MemorySegment outF32, int columns) {
        MemorySegment source = row.asSlice(0, rowBytes(columns));
        MemorySegment target = outF32.asSlice(0, columns * JAVA_FLOAT.byteSize());
        if (toFloat == null) {
            target.copyFrom(source);
            return;
        }
        try {
            toFloat.invokeExact(source, target, (long) columns);
        } catch (Throwable e) {
            throw new IllegalStateException("a row of type " + typeName + " cannot be decoded", e);
        }
    }
}

package org.barnraiser.worker.llama;

import java.lang.foreign.MemorySegment;

/** Functions of ggml.h and ggml-backend.h, the same in both ABIs; bound with the prefix {@code ggml_}. */
interface GgmlFunctions {
    MemorySegment getTypeTraits(int type);

    boolean quantizeRequiresImatrix(int type);

    long quantizeChunk(int type, MemorySegment source, MemorySegment destination, long start, long rows, long columns,
            MemorySegment importanceMatrix);

    long nelements(MemorySegment tensor);

    long nrows(MemorySegment tensor);

    long nbytes(MemorySegment tensor);

    void backendTensorGet(MemorySegment tensor, MemorySegment destination, long offset, long size);

    long backendRegCount();

    MemorySegment backendRegGet(long index);

    MemorySegment backendRegName(MemorySegment backend);

    MemorySegment backendDevByName(MemorySegment name);

    long backendDevCount();

    MemorySegment backendDevGet(long index);

    MemorySegment backendDevName(MemorySegment device);

    MemorySegment backendDevDescription(MemorySegment device);

    int backendDevType(MemorySegment device);

    void backendDevMemory(MemorySegment device, MemorySegment free, MemorySegment total);
}

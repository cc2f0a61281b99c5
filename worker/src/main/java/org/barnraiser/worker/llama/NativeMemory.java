package org.barnraiser.worker.llama;

import java.lang.foreign.MemorySegment;

/** Views of memory that llama.cpp owns. Sizes come from llama.cpp's contract, so each call site says which. */
final class NativeMemory {
    private NativeMemory() {}

    static boolean isNull(MemorySegment pointer) {
        return pointer.address() == 0;
    }

    @SuppressWarnings("restricted")
    static MemorySegment view(MemorySegment pointer, long byteSize) {
        return pointer.reinterpret(byteSize);
    }

    /** A copy of the C string at the pointer, empty for NULL. */
    @SuppressWarnings("restricted")
    static String string(MemorySegment pointer) {
        return isNull(pointer) ? "" : pointer.reinterpret(Long.MAX_VALUE).getString(0);
    }
}

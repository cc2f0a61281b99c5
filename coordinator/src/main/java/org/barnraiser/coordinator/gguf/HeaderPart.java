package org.barnraiser.coordinator.gguf;

import java.lang.foreign.MemorySegment;

/** A run of bytes of a GGUF's header. */
sealed interface HeaderPart {

    MemorySegment bytes();

    /** Bytes made for this header. */
    record Made(MemorySegment bytes) implements HeaderPart {}

    /** The elements of a large array, which lie in a mapped file already. */
    record View(String key, MemorySegment bytes) implements HeaderPart {}
}

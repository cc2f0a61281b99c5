package org.barnraiser.worker.llama;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** A native object with several users in Java, freed when the last one lets go. Safe for use by several threads. */
final class SharedPointer {
    private final String name;
    private final MemorySegment pointer;
    private final Consumer<MemorySegment> free;
    private int users = 1;

    SharedPointer(String name, MemorySegment pointer, Consumer<MemorySegment> free) {
        this.name = name;
        this.pointer = pointer;
        this.free = free;
    }

    /** The pointer, for a caller that is a user. */
    synchronized MemorySegment get() {
        requireOpen();
        return pointer;
    }

    synchronized void retain() {
        requireOpen();
        users++;
    }

    synchronized void release() {
        requireOpen();
        users--;
        if (users == 0) {
            free.accept(pointer);
        }
    }

    private void requireOpen() {
        if (users == 0) {
            throw new IllegalStateException(name + " is closed");
        }
    }
}

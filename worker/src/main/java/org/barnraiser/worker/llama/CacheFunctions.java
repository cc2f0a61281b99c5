package org.barnraiser.worker.llama;

import java.lang.foreign.MemorySegment;

/**
 * The KV-cache functions: {@code llama_kv_self_*} of a context in b4916, {@code llama_memory_*} of its memory in v0.5. A negative
 * slot stands for all, a negative position for the start or the end.
 */
interface CacheFunctions {
    boolean seqRm(MemorySegment cache, int slot, int from, int to);

    void seqCp(MemorySegment cache, int fromSlot, int toSlot, int from, int to);

    int seqPosMax(MemorySegment cache, int slot);
}

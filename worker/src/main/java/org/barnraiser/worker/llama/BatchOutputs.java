package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

/** Where the logits of a batch's rows are. llama.cpp keeps those of its last call; a batch that takes several has them copied. */
final class BatchOutputs {
    private final LlamaFunctions llama;
    private final MemorySegment context;
    private final long rowBytes;
    private final Map<Integer, MemorySegment> logits = new HashMap<>();

    BatchOutputs(LlamaFunctions llama, MemorySegment context, int vocabularySize) {
        this.llama = llama;
        this.context = context;
        this.rowBytes = vocabularySize * JAVA_FLOAT.byteSize();
    }

    /** Before a batch: those of the last one are gone. */
    void clear() {
        logits.clear();
    }

    /** After one call has computed these rows of the batch. */
    void add(Batch batch, int firstRow, int rowCount) {
        for (int i = 0; i < rowCount; i++) {
            if (batch.output(firstRow + i)) {
                MemorySegment row = llama.getLogitsIth(context, i);
                if (!NativeMemory.isNull(row)) {
                    MemorySegment kept = NativeMemory.view(row, rowBytes);
                    logits.put(firstRow + i, rowCount == batch.rows() ? kept : copy(kept));
                }
            }
        }
    }

    /** f32 [n_vocab], read-only, valid until the next batch. */
    MemorySegment logits(int row) {
        MemorySegment found = logits.get(row);
        if (found == null) {
            throw new IllegalArgumentException("row " + row + " was no output of the last batch");
        }
        return found.asReadOnly();
    }

    /** Rare, so that the garbage collector may free it. */
    private MemorySegment copy(MemorySegment row) {
        return Arena.ofAuto().allocate(row.byteSize(), JAVA_FLOAT.byteAlignment()).copyFrom(row);
    }
}

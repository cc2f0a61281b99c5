package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

/**
 * Rows to decode together (llama_batch): each a token id or an embedding, with a position in a slot, and whether its output is
 * wanted. Filled, decoded and {@linkplain #clear cleared} again and again; not safe for use by several threads at once.
 */
public final class Batch implements AutoCloseable {
    /** {@code int32 n_tokens; token *, embd *, pos *, n_seq_id *, seq_id **, logits *}, the same in both ABIs. */
    static final MemoryLayout LAYOUT = MemoryLayout.structLayout(JAVA_INT.withName("n_tokens"),
            MemoryLayout.paddingLayout(4), ADDRESS.withName("token"), ADDRESS.withName("embd"), ADDRESS.withName("pos"),
            ADDRESS.withName("n_seq_id"), ADDRESS.withName("seq_id"), ADDRESS.withName("logits"));

    /** Models with multi-dimensional rope read this many positions per embedding, section after section. */
    private static final int POSITION_SECTIONS = 4;

    private final Arena arena = Arena.ofShared();
    private final int maxRows;
    private final int embeddingLength;
    private final MemorySegment struct;
    private final MemorySegment tokens;
    private final MemorySegment embeddings;
    private final MemorySegment positions;
    private final MemorySegment sections;
    private final MemorySegment slotCounts;
    private final MemorySegment slotPointers;
    private final MemorySegment slots;
    private final MemorySegment outputs;
    private int rows;

    private Batch(int maxRows, int embeddingLength) {
        if (maxRows < 1 || embeddingLength < 0) {
            throw new IllegalArgumentException(
                    "a batch of " + maxRows + " rows of " + embeddingLength + " values cannot be");
        }
        this.maxRows = maxRows;
        this.embeddingLength = embeddingLength;
        boolean embedding = embeddingLength > 0;
        tokens = embedding ? MemorySegment.NULL : arena.allocate(JAVA_INT, maxRows);
        embeddings = embedding ? arena.allocate(JAVA_FLOAT, (long) maxRows * embeddingLength) : MemorySegment.NULL;
        positions = arena.allocate(JAVA_INT, maxRows);
        sections = embedding ? arena.allocate(JAVA_INT, (long) POSITION_SECTIONS * maxRows) : MemorySegment.NULL;
        slots = arena.allocate(JAVA_INT, maxRows);
        outputs = arena.allocate(JAVA_BYTE, maxRows);
        slotCounts = arena.allocate(JAVA_INT, maxRows);
        slotPointers = arena.allocate(ADDRESS, maxRows);
        for (int row = 0; row < maxRows; row++) {
            slotCounts.setAtIndex(JAVA_INT, row, 1);
            slotPointers.setAtIndex(ADDRESS, row, slots.asSlice(row * JAVA_INT.byteSize()));
        }
        struct = arena.allocate(LAYOUT);
    }

    /** A batch of up to {@code maxRows} token ids. */
    public static Batch ofTokens(int maxRows) {
        return new Batch(maxRows, 0);
    }

    /** A batch of up to {@code maxRows} embeddings of {@code embeddingLength} f32 values each. */
    public static Batch ofEmbeddings(int maxRows, int embeddingLength) {
        if (embeddingLength < 1) {
            throw new IllegalArgumentException("embeddingLength is " + embeddingLength + "; it must be at least 1");
        }
        return new Batch(maxRows, embeddingLength);
    }

    public int rows() {
        return rows;
    }

    public int maxRows() {
        return maxRows;
    }

    /** Forgets all rows. */
    public void clear() {
        rows = 0;
    }

    /** Appends a token. The decoding context checks it against its model and state. */
    public void addToken(int token, int position, int slot, boolean output) {
        if (holdsEmbeddings()) {
            throw new IllegalStateException("this batch holds embeddings");
        }
        int row = append(position, slot, output);
        tokens.setAtIndex(JAVA_INT, row, token);
    }

    /** Appends an embedding, and returns its {@code embeddingLength} f32 values to be written. */
    public MemorySegment addEmbedding(int position, int slot, boolean output) {
        if (!holdsEmbeddings()) {
            throw new IllegalStateException("this batch holds tokens");
        }
        int row = append(position, slot, output);
        long rowBytes = embeddingLength * JAVA_FLOAT.byteSize();
        return embeddings.asSlice(row * rowBytes, rowBytes);
    }

    /** The values of all embeddings added so far, f32 [rows x embeddingLength], for writing them at once. */
    public MemorySegment embeddings() {
        if (!holdsEmbeddings()) {
            throw new IllegalStateException("this batch holds tokens");
        }
        return embeddings.asSlice(0, (long) rows * embeddingLength * JAVA_FLOAT.byteSize());
    }

    /** Whoever decodes this batch must have returned from it. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    boolean holdsEmbeddings() {
        return embeddingLength > 0;
    }

    int embeddingLength() {
        return embeddingLength;
    }

    int token(int row) {
        return tokens.getAtIndex(JAVA_INT, row);
    }

    int position(int row) {
        return positions.getAtIndex(JAVA_INT, row);
    }

    int slot(int row) {
        return slots.getAtIndex(JAVA_INT, row);
    }

    boolean output(int row) {
        return outputs.getAtIndex(JAVA_BYTE, row) != 0;
    }

    /** Rows that are marked as output. */
    int outputRows() {
        int count = 0;
        for (int row = 0; row < rows; row++) {
            count += output(row) ? 1 : 0;
        }
        return count;
    }

    /** The struct to pass by value, for some of the rows; valid until it is asked for again. */
    MemorySegment struct(int firstRow, int rowCount) {
        long intOffset = firstRow * JAVA_INT.byteSize();
        struct.set(JAVA_INT, 0, rowCount);
        if (holdsEmbeddings()) {
            point("embd", embeddings.asSlice((long) firstRow * embeddingLength * JAVA_FLOAT.byteSize()));
            point("pos", positionSections(intOffset, rowCount * JAVA_INT.byteSize()));
        } else {
            point("token", tokens.asSlice(intOffset));
            point("pos", positions.asSlice(intOffset));
        }
        point("n_seq_id", slotCounts.asSlice(intOffset));
        point("seq_id", slotPointers.asSlice(firstRow * ADDRESS.byteSize()));
        point("logits", outputs.asSlice(firstRow));
        return struct;
    }

    private int append(int position, int slot, boolean output) {
        if (rows == maxRows) {
            throw new IllegalStateException("the batch is full: it has " + maxRows + " rows");
        }
        positions.setAtIndex(JAVA_INT, rows, position);
        slots.setAtIndex(JAVA_INT, rows, slot);
        outputs.setAtIndex(JAVA_BYTE, rows, (byte) (output ? 1 : 0));
        return rows++;
    }

    /** As llama.cpp does for tokens of text: three times the position, then zero. Other models read the first section only. */
    private MemorySegment positionSections(long offset, long sectionBytes) {
        for (int section = 0; section < POSITION_SECTIONS - 1; section++) {
            MemorySegment.copy(positions, offset, sections, section * sectionBytes, sectionBytes);
        }
        sections.asSlice((POSITION_SECTIONS - 1) * sectionBytes, sectionBytes).fill((byte) 0);
        return sections;
    }

    private void point(String field, MemorySegment target) {
        long offset = LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement(field));
        struct.set(ADDRESS, offset, target);
    }
}

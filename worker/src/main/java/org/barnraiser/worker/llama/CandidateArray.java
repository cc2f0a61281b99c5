package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * Tokens that may come next (llama_token_data_array), which samplers filter, sort and choose from. Filled again for every token; not
 * safe for use by several threads at once.
 */
public final class CandidateArray implements AutoCloseable {
    /** struct llama_token_data: int32 id, float logit, float p. */
    private static final long ENTRY_BYTES = 12;
    private static final long LOGIT = 4;
    private static final long PROBABILITY = 8;

    private static final MemoryLayout ARRAY = MemoryLayout.structLayout(ADDRESS.withName("data"),
            JAVA_LONG.withName("size"), JAVA_LONG.withName("selected"), JAVA_BOOLEAN.withName("sorted"),
            MemoryLayout.paddingLayout(7));
    private static final long SIZE = ARRAY.byteOffset(PathElement.groupElement("size"));
    private static final long SELECTED = ARRAY.byteOffset(PathElement.groupElement("selected"));
    private static final long SORTED = ARRAY.byteOffset(PathElement.groupElement("sorted"));

    private final Arena arena = Arena.ofShared();
    private final int capacity;
    private final MemorySegment entries;
    private final MemorySegment array;

    /** @param capacity the size of the vocabulary */
    public CandidateArray(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity is " + capacity + "; it must be at least 1");
        }
        this.capacity = capacity;
        entries = arena.allocate(capacity * ENTRY_BYTES, JAVA_INT.byteAlignment());
        array = arena.allocate(ARRAY);
    }

    /**
     * Makes every token a candidate, in the order of ids.
     *
     * @param logits f32 [capacity], as from {@link LlamaContext#logits}
     * @throws SamplerException when a logit is not a number, which no sampler stands
     */
    public void load(MemorySegment logits) throws SamplerException {
        if (logits.byteSize() != capacity * JAVA_FLOAT.byteSize()) {
            throw new IllegalArgumentException(logits.byteSize() + " bytes of logits for " + capacity + " candidates");
        }
        for (int token = 0; token < capacity; token++) {
            float logit = logits.getAtIndex(JAVA_FLOAT, token);
            if (Float.isNaN(logit)) {
                throw new SamplerException("the model computed logits that are no numbers; its weights may be damaged");
            }
            write(token, token, logit);
        }
        reset(capacity);
    }

    /** Makes one token the only candidate. */
    void load(int token) {
        write(0, token, 0);
        reset(1);
    }

    /** Candidates that are left. */
    public int size() {
        return Math.toIntExact(array.get(JAVA_LONG, SIZE));
    }

    public int token(int index) {
        return data().get(JAVA_INT, offset(index));
    }

    /** Log-odds, after the samplers so far. */
    public float logit(int index) {
        return data().get(JAVA_FLOAT, offset(index) + LOGIT);
    }

    /** The probability that a sampler last computed; 0 if none has. */
    public float probability(int index) {
        return data().get(JAVA_FLOAT, offset(index) + PROBABILITY);
    }

    /** The index of the candidate that a sampler has picked. */
    public OptionalInt selected() {
        long selected = array.get(JAVA_LONG, SELECTED);
        return selected < 0 || selected >= size() ? OptionalInt.empty() : OptionalInt.of((int) selected);
    }

    /** Whether any candidate is allowed, that is, has a logit above negative infinity. */
    boolean anyAllowed() {
        for (int index = 0; index < size(); index++) {
            if (logit(index) > Float.NEGATIVE_INFINITY) {
                return true;
            }
        }
        return false;
    }

    MemorySegment pointer() {
        return array;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    private void write(int index, int token, float logit) {
        long offset = index * ENTRY_BYTES;
        entries.set(JAVA_INT, offset, token);
        entries.set(JAVA_FLOAT, offset + LOGIT, logit);
        entries.set(JAVA_FLOAT, offset + PROBABILITY, 0);
    }

    private void reset(int size) {
        array.set(ADDRESS, 0, entries);
        array.set(JAVA_LONG, SIZE, size);
        array.set(JAVA_LONG, SELECTED, -1);
        array.set(JAVA_BOOLEAN, SORTED, false);
    }

    /** Samplers may let the array point to memory of their own. */
    private MemorySegment data() {
        return NativeMemory.view(array.get(ADDRESS, 0), size() * ENTRY_BYTES);
    }

    private long offset(int index) {
        return index * ENTRY_BYTES;
    }
}

package org.barnraiser.worker.llama;

import java.util.Arrays;
import org.barnraiser.worker.llama.DecodeException.Kind;

/**
 * The next position of each slot. llama.cpp wants the positions of a slot to follow each other: v0.5 refuses others, b4916 computes
 * nonsense. Kept here because asking b4916 means a walk over all cells.
 */
final class SlotPositions {
    private final int[] next;

    SlotPositions(int slots) {
        next = new int[slots];
    }

    int next(int slot) {
        return next[slot];
    }

    void requireSlot(int slot) throws DecodeException {
        if (slot < 0 || slot >= next.length) {
            throw new DecodeException(Kind.INVALID, "slot " + slot + " is not one of the context's " + next.length);
        }
    }

    /** Checks slots and positions of a batch without changing anything. */
    void check(Batch batch) throws DecodeException {
        int[] expected = next.clone();
        for (int row = 0; row < batch.rows(); row++) {
            int slot = batch.slot(row);
            requireSlot(slot);
            if (batch.position(row) != expected[slot]) {
                throw new DecodeException(Kind.INVALID, "row %d is position %d of slot %d; expected position %d"
                        .formatted(row, batch.position(row), slot, expected[slot]));
            }
            expected[slot]++;
        }
    }

    /** After a batch that was checked has been computed. */
    void advance(Batch batch) {
        for (int row = 0; row < batch.rows(); row++) {
            next[batch.slot(row)]++;
        }
    }

    /** After positions from {@code from} on are gone. */
    void truncate(int slot, int from) {
        next[slot] = Math.min(next[slot], from);
    }

    /** After a slot has been replaced by a copy that ends before {@code end}. */
    void replace(int slot, int end) {
        next[slot] = end;
    }

    void clear() {
        Arrays.fill(next, 0);
    }
}

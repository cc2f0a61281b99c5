package org.barnraiser.worker.stage;

import java.util.Arrays;

/** How many positions, from 0, each slot's part of the KV cache holds. */
final class SlotLengths {
    private final int[] lengths;

    SlotLengths(int slots) {
        lengths = new int[slots];
    }

    private SlotLengths(int[] lengths) {
        this.lengths = lengths;
    }

    SlotLengths copy() {
        return new SlotLengths(lengths.clone());
    }

    int count() {
        return lengths.length;
    }

    int get(int slot) {
        return lengths[slot];
    }

    void extend(int slot, int tokens) {
        lengths[slot] += tokens;
    }

    /** Positions [from, to) are forgotten, {@code to} 0 meaning the end; a gap in the middle stays a gap. */
    void drop(int slot, int from, int to) {
        if (to == 0 || to >= lengths[slot]) {
            lengths[slot] = Math.min(lengths[slot], from);
        }
    }

    /** The number of positions that were copied; {@code to} 0 means all. */
    int copy(int fromSlot, int toSlot, int to) {
        lengths[toSlot] = to == 0 ? lengths[fromSlot] : Math.min(to, lengths[fromSlot]);
        return lengths[toSlot];
    }

    void clear() {
        Arrays.fill(lengths, 0);
    }
}

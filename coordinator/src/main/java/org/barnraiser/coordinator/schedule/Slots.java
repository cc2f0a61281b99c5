package org.barnraiser.coordinator.schedule;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The slots of a pipeline and the KV cells that they share: which are free, how many cells are promised, and which slots
 * still hold a past that every stage has to forget.
 *
 * <p>A slot is free the moment its sequence ends, although steps of that sequence may still be on their way: the drop
 * goes into the next step, ahead of the next sequence's first span, and every stage takes steps in order.
 */
final class Slots {
    private final BitSet free = new BitSet();
    private final List<Integer> undropped = new ArrayList<>();
    private int freeCells;

    Slots(int slots, int cells) {
        free.set(0, slots);
        freeCells = cells;
    }

    /** Gives the sequence a slot and promises it its cells; false when there is no slot or not enough cells. */
    boolean tryAllot(Sequence sequence) {
        if (free.isEmpty() || sequence.cells() > freeCells) {
            return false;
        }
        int slot = free.nextSetBit(0);
        free.clear(slot);
        freeCells -= sequence.cells();
        sequence.allot(slot);
        return true;
    }

    void release(Sequence sequence) {
        free.set(sequence.slot());
        freeCells += sequence.cells();
        forget(sequence);
    }

    /** What the sequence has put into its slot is to be dropped; slot and cells stay its own. */
    void forget(Sequence sequence) {
        if (sequence.plannedTokens() > 0) {
            undropped.add(sequence.slot());
        }
    }

    /** The slots whose past is to be dropped before anything else; the caller drops them. */
    List<Integer> takeUndropped() {
        List<Integer> taken = List.copyOf(undropped);
        undropped.clear();
        return taken;
    }
}

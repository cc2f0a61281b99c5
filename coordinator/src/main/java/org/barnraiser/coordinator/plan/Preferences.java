package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;

/**
 * What speaks for one plan rather than another that fits as well.
 *
 * @param stages how many are wanted; 0 for as few as fit
 * @param running the stages of the plan before, head first; empty when there is none
 * @param prepared layer ranges that machines hold in memory, ready to run, by incarnation
 * @param held layer ranges that machines have on their disks, by incarnation
 * @param cut ways between machines that do not work now; no plan uses them
 */
public record Preferences(int stages, ImmutableList<Placement> running, ImmutableSetMultimap<String, Layers> prepared,
        ImmutableSetMultimap<String, Layers> held, ImmutableSet<Hop> cut) {
    /** A shard is read from a disk about this many times faster than it comes over a network. */
    private static final int DISK_GAIN = 8;

    public Preferences {
        if (stages < 0) {
            throw new IllegalArgumentException("stages is " + stages + "; it must not be negative");
        }
    }

    /** For a model that runs nowhere yet. */
    public static Preferences stages(int stages) {
        return new Preferences(stages, ImmutableList.of(), ImmutableSetMultimap.of(), ImmutableSetMultimap.of(),
                ImmutableSet.of());
    }

    Preferences withoutRunning() {
        return new Preferences(stages, ImmutableList.of(), prepared, held, cut);
    }

    Preferences withoutCuts() {
        return new Preferences(stages, running, prepared, held, ImmutableSet.of());
    }

    boolean runs(MachineOffer machine, Layers layers) {
        return running.contains(new Placement(machine.incarnationId(), layers));
    }

    /** What it takes until the machine can run the layers, in bytes to bring over the network. */
    long bytesToLoad(MachineOffer machine, Layers layers, long stageBytes) {
        String incarnation = machine.incarnationId();
        if (runs(machine, layers) || prepared.containsEntry(incarnation, layers)) {
            return 0;
        }
        return held.containsEntry(incarnation, layers) ? stageBytes / DISK_GAIN : stageBytes;
    }

    boolean isCut(MachineOffer from, MachineOffer to) {
        return !cut.isEmpty() && cut.contains(new Hop(from.incarnationId(), to.incarnationId()));
    }

    /** How far a number of stages is from the wanted one. */
    int distance(int count) {
        return Math.abs(count - stages);
    }
}

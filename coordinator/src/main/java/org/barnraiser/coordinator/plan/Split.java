package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A contiguous split of a model over machines in a given order.
 *
 * @param distance from the wanted number of stages
 */
record Split(ImmutableList<PlannedStage> stages, int distance, Cost cost) {
    /** The wanted number of stages first (fewer rather than more, when both are as near), then the least cost. */
    static final Comparator<Split> BEST_FIRST = Comparator.comparingInt(Split::distance)
            .thenComparingInt(split -> split.stages().size())
            .thenComparing(Split::cost);

    /**
     * What a split costs; adds up over its stages.
     *
     * @param moves stages that their machines do not run already
     * @param bytesToLoad bytes to bring over the network
     * @param unevenness sum over the stages of bytes²/budget. For a given sum of bytes it is least when every stage is in
     *        proportion to its machine's budget
     */
    record Cost(int moves, long bytesToLoad, double unevenness) implements Comparable<Cost> {
        private static final Comparator<Cost> ORDER = Comparator.comparingInt(Cost::moves)
                .thenComparingLong(Cost::bytesToLoad)
                .thenComparingDouble(Cost::unevenness);
        static final Cost NONE = new Cost(0, 0, 0);

        static Cost of(MachineOffer machine, Layers layers, long bytes, Preferences preferences) {
            double squared = (double) bytes * bytes / Math.max(1, machine.budgetBytes());
            return new Cost(preferences.runs(machine, layers) ? 0 : 1,
                    preferences.bytesToLoad(machine, layers, bytes), squared);
        }

        Cost plus(Cost other) {
            return new Cost(moves + other.moves, bytesToLoad + other.bytesToLoad, unevenness + other.unevenness);
        }

        @Override
        public int compareTo(Cost other) {
            return ORDER.compare(this, other);
        }
    }

    /** The best split that fits, by dynamic programming; empty when none fits. Machines may be left out. */
    static Optional<Split> best(StageSizes sizes, List<MachineOffer> machines, Preferences preferences,
            boolean trustedEnds) {
        Search search = new Search(sizes, machines, preferences, trustedEnds);
        Optional<Split> best = Optional.empty();
        int most = Math.min(machines.size(), sizes.lastCut());
        for (int count = 1; count <= most; count++) {
            if (best.isPresent() && count > preferences.stages()
                    && preferences.distance(count) >= best.get().distance()) {
                break;
            }
            search.addStage();
            Optional<Split> found = search.result(count);
            if (found.isPresent() && (best.isEmpty() || BEST_FIRST.compare(found.get(), best.get()) < 0)) {
                best = found;
            }
        }
        return best;
    }

    /**
     * The best way in which some of the first machines take the layers before a cut point.
     *
     * @param machine index of the last of them
     * @param from cut point at which its part begins
     */
    private record Part(int machine, int from, Cost cost, @Nullable Part before) {}

    /** After {@code n} calls of {@link #addStage}, {@code parts[m][c]} ends with machine m at cut point c and has n stages. */
    private static final class Search {
        private final StageSizes sizes;
        private final List<MachineOffer> machines;
        private final Preferences preferences;
        private final boolean trustedEnds;
        private @Nullable Part[][] parts = new Part[0][];

        Search(StageSizes sizes, List<MachineOffer> machines, Preferences preferences, boolean trustedEnds) {
            this.sizes = sizes;
            this.machines = machines;
            this.preferences = preferences;
            this.trustedEnds = trustedEnds;
        }

        void addStage() {
            @Nullable
            Part[][] longer = new Part[machines.size()][sizes.lastCut() + 1];
            for (int m = 0; m < machines.size(); m++) {
                // From the back, so that of equal splits the one with more layers in front is found.
                for (int start = sizes.lastCut() - 1; start >= 0; start--) {
                    Part before = before(m, start);
                    if (before != null || (start == 0 && parts.length == 0)) {
                        extend(longer[m], m, start, before);
                    }
                }
            }
            parts = longer;
        }

        private @Nullable Part before(int machine, int cut) {
            Part best = null;
            for (int m = 0; m < machine && parts.length > 0; m++) {
                Part part = parts[m][cut];
                if (part != null && (best == null || part.cost().compareTo(best.cost()) < 0)
                        && !preferences.isCut(machines.get(m), machines.get(machine))) {
                    best = part;
                }
            }
            return best;
        }

        private void extend(@Nullable Part[] row, int m, int start, @Nullable Part before) {
            MachineOffer machine = machines.get(m);
            boolean mayEnd = !trustedEnds || machine.trusted();
            if (start == 0 && !mayEnd) {
                return;
            }
            Cost already = before == null ? Cost.NONE : before.cost();
            for (int cut = start + 1; cut <= (mayEnd ? sizes.lastCut() : sizes.lastCut() - 1); cut++) {
                long bytes = sizes.bytes(start, cut);
                if (bytes > machine.budgetBytes()) {
                    // More layers take more.
                    return;
                }
                Cost cost = already.plus(Cost.of(machine, layers(start, cut), bytes, preferences));
                Part other = row[cut];
                if (other == null || cost.compareTo(other.cost()) < 0) {
                    row[cut] = new Part(m, start, cost, before);
                }
            }
        }

        private Layers layers(int start, int cut) {
            return new Layers(sizes.layer(start), sizes.layer(cut));
        }

        Optional<Split> result(int count) {
            Part best = null;
            for (@Nullable
            Part[] row : parts) {
                Part part = row[sizes.lastCut()];
                if (part != null && (best == null || part.cost().compareTo(best.cost()) < 0)) {
                    best = part;
                }
            }
            return best == null
                    ? Optional.empty()
                    : Optional.of(new Split(stages(best), preferences.distance(count), best.cost()));
        }

        private ImmutableList<PlannedStage> stages(Part last) {
            ImmutableList.Builder<PlannedStage> tailFirst = ImmutableList.builder();
            int cut = sizes.lastCut();
            for (Part part = last; part != null; part = part.before()) {
                Layers layers = layers(part.from(), cut);
                tailFirst.add(new PlannedStage(machines.get(part.machine()), layers.first(), layers.last(),
                        sizes.bytes(part.from(), cut)));
                cut = part.from();
            }
            return tailFirst.build().reverse();
        }
    }
}

package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;

/**
 * A contiguous split of a model over machines in a given order.
 *
 * @param unevenness sum over the stages of bytes²/budget. For a given sum of bytes it is least when every stage is in proportion
 *        to its machine's budget
 */
record Split(ImmutableList<PlannedStage> stages, double unevenness) {

    /** More machines are better, then a more even load. */
    boolean isBetterThan(Split other) {
        return stages.size() != other.stages.size()
                ? stages.size() > other.stages.size()
                : unevenness < other.unevenness;
    }

    /** The best split that fits, by dynamic programming; empty when none fits. */
    static Optional<Split> best(StageSizes sizes, List<MachineOffer> machines) {
        Search search = new Search(sizes, machines);
        return search.run() ? Optional.of(search.result()) : Optional.empty();
    }

    /**
     * {@code stages[m][c]} and {@code unevenness[m][c]}: of the best way in which the first m machines take the layers before cut
     * point c; {@code from[m][c]}: where the m-th machine's part of it begins, c when it has none.
     */
    private static final class Search {
        private static final int UNREACHABLE = -1;

        private final StageSizes sizes;
        private final List<MachineOffer> machines;
        private final int[][] stages;
        private final double[][] unevenness;
        private final int[][] from;

        Search(StageSizes sizes, List<MachineOffer> machines) {
            this.sizes = sizes;
            this.machines = machines;
            stages = new int[machines.size() + 1][sizes.lastCut() + 1];
            unevenness = new double[machines.size() + 1][sizes.lastCut() + 1];
            from = new int[machines.size() + 1][sizes.lastCut() + 1];
        }

        boolean run() {
            for (int cut = 1; cut <= sizes.lastCut(); cut++) {
                stages[0][cut] = UNREACHABLE;
            }
            for (int m = 1; m <= machines.size(); m++) {
                for (int cut = 0; cut <= sizes.lastCut(); cut++) {
                    leaveOut(m, cut);
                    tryStagesUpTo(m, cut);
                }
            }
            return stages[machines.size()][sizes.lastCut()] != UNREACHABLE;
        }

        private void leaveOut(int m, int cut) {
            stages[m][cut] = stages[m - 1][cut];
            unevenness[m][cut] = unevenness[m - 1][cut];
            from[m][cut] = cut;
        }

        private void tryStagesUpTo(int m, int cut) {
            long budget = machines.get(m - 1).budgetBytes();
            for (int start = cut - 1; start >= 0 && sizes.bytes(start, cut) <= budget; start--) {
                if (stages[m - 1][start] == UNREACHABLE) {
                    continue;
                }
                double bytes = sizes.bytes(start, cut);
                int count = stages[m - 1][start] + 1;
                double sum = unevenness[m - 1][start] + bytes * bytes / Math.max(1, budget);
                if (count > stages[m][cut] || (count == stages[m][cut] && sum < unevenness[m][cut])) {
                    stages[m][cut] = count;
                    unevenness[m][cut] = sum;
                    from[m][cut] = start;
                }
            }
        }

        Split result() {
            ImmutableList.Builder<PlannedStage> tailFirst = ImmutableList.builder();
            int cut = sizes.lastCut();
            for (int m = machines.size(); m > 0; m--) {
                int start = from[m][cut];
                if (start < cut) {
                    tailFirst.add(new PlannedStage(machines.get(m - 1), sizes.layer(start), sizes.layer(cut),
                            sizes.bytes(start, cut)));
                    cut = start;
                }
            }
            return new Split(tailFirst.build().reverse(), unevenness[machines.size()][sizes.lastCut()]);
        }
    }
}

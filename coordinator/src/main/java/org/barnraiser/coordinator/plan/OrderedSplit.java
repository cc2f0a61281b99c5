package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The quickest contiguous splits over machines in a given order, by dynamic programming over the machine and the cut point at which its
 * part ends. Machines may be left out.
 */
final class OrderedSplit {
    private final PlanInput input;
    private final StageSizes sizes;
    private final StageSeconds seconds;
    private final List<MachineOffer> machines;
    private final Sum sum;
    private final int cuts;
    /** From one machine to another; infinite where the way is cut. */
    private final double[][] waySeconds;

    /** How the times of stages make up what is to be small. */
    enum Sum {
        /** One after the other, with the ways between them. */
        ALL,
        /** The longest alone. */
        LONGEST
    }

    /** The best splits by where they end; what led to each is in {@code before}, which is this very table for any number of stages. */
    private static final class Table {
        private final double[][] cost;
        private final int[][] from;
        private final int[][] previous;
        private final Table before;

        Table(int machines, int cuts, Optional<Table> shorter) {
            cost = new double[machines][cuts + 1];
            from = new int[machines][cuts + 1];
            previous = new int[machines][cuts + 1];
            before = shorter.orElse(this);
            for (double[] row : cost) {
                Arrays.fill(row, Double.POSITIVE_INFINITY);
            }
        }
    }

    OrderedSplit(PlanInput input, StageSizes sizes, StageSeconds seconds, List<MachineOffer> machines, Sum sum) {
        this.input = input;
        this.sizes = sizes;
        this.seconds = seconds;
        this.machines = machines;
        this.sum = sum;
        cuts = sizes.lastCut();
        waySeconds = new double[machines.size()][machines.size()];
        for (int to = 1; to < machines.size(); to++) {
            for (int from = 0; from < to; from++) {
                waySeconds[from][to] = input.preferences().isCut(machines.get(from), machines.get(to))
                        ? Double.POSITIVE_INFINITY
                        : way(machines.get(from), machines.get(to));
            }
        }
    }

    private double way(MachineOffer from, MachineOffer to) {
        return sum == Sum.LONGEST
                ? 0
                : input.links().between(from, to)
                        .seconds((double) input.needs().work().hiddenBytes() * seconds.tokens());
    }

    /** The best of any number of stages none of which takes longer than that. */
    Optional<ImmutableList<PlannedStage>> best(double longestSeconds) {
        Table table = new Table(machines.size(), cuts, Optional.empty());
        for (int m = 0; m < machines.size(); m++) {
            extend(table, table, m, true, true, longestSeconds);
        }
        return stages(table, 0);
    }

    /** The best of each number of stages from 1 to this, none of which takes longer than that; what does not fit is left out. */
    List<ImmutableList<PlannedStage>> upTo(int count, double longestSeconds) {
        List<ImmutableList<PlannedStage>> found = new ArrayList<>();
        Optional<Table> shorter = Optional.empty();
        for (int n = 1; n <= Math.min(count, Math.min(machines.size(), cuts)); n++) {
            Table table = new Table(machines.size(), cuts, shorter);
            for (int m = 0; m < machines.size(); m++) {
                extend(table, table.before, m, n == 1, n > 1, longestSeconds);
            }
            stages(table, n).ifPresent(found::add);
            shorter = Optional.of(table);
        }
        return found;
    }

    /** The best of exactly so many stages none of which takes longer than that. */
    Optional<ImmutableList<PlannedStage>> exactly(int count, double longestSeconds) {
        return upTo(count, longestSeconds).stream().filter(stages -> stages.size() == count).findFirst();
    }

    private void extend(Table table, Table before, int m, boolean asHead, boolean asLater, double longestSeconds) {
        MachineOffer machine = machines.get(m);
        boolean end = !input.aim().trustedEnds() || machine.trusted();
        for (int start = 0; start < cuts; start++) {
            int previous = -1;
            double already = 0;
            if (start > 0 && asLater) {
                previous = previous(before, m, start);
                already = previous < 0 ? 0 : before.cost[previous][start] + waySeconds[previous][m];
            }
            boolean head = start == 0 && asHead && end;
            if (head || previous >= 0) {
                extend(table, m, machine, start, previous, already, longestSeconds, end);
            }
        }
    }

    private void extend(Table table, int m, MachineOffer machine, int start, int previous, double already,
            double longestSeconds, boolean mayEnd) {
        long budget = machine.budgetBytes();
        int last = mayEnd ? cuts : cuts - 1;
        for (int cut = start + 1; cut <= last && sizes.bytes(start, cut) <= budget; cut++) {
            double stage = seconds.seconds(machine.speed(), start, cut);
            if (stage > longestSeconds) {
                return;
            }
            double cost = sum == Sum.ALL ? already + stage : Math.max(already, stage);
            if (cost < table.cost[m][cut]) {
                table.cost[m][cut] = cost;
                table.from[m][cut] = start;
                table.previous[m][cut] = previous;
            }
        }
    }

    /** The machine before, for a part that begins at a cut point; -1 for none. */
    private int previous(Table before, int machine, int cut) {
        int best = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int m = 0; m < machine; m++) {
            double cost = before.cost[m][cut] + waySeconds[m][machine];
            if (cost < least) {
                least = cost;
                best = m;
            }
        }
        return best;
    }

    private Optional<ImmutableList<PlannedStage>> stages(Table table, int count) {
        int last = -1;
        for (int m = 0; m < machines.size(); m++) {
            if (table.cost[m][cuts] < (last < 0 ? Double.POSITIVE_INFINITY : table.cost[last][cuts])) {
                last = m;
            }
        }
        if (last < 0) {
            return Optional.empty();
        }
        List<PlannedStage> stages = new ArrayList<>(Math.max(count, 1));
        Table at = table;
        int cut = cuts;
        for (int m = last; m >= 0;) {
            int from = at.from[m][cut];
            stages.add(new PlannedStage(machines.get(m), sizes.layer(from), sizes.layer(cut), sizes.bytes(from, cut)));
            m = at.previous[m][cut];
            cut = from;
            at = at.before;
        }
        Collections.reverse(stages);
        return Optional.of(ImmutableList.copyOf(stages));
    }
}

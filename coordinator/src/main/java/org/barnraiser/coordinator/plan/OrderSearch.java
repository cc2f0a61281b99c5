package org.barnraiser.coordinator.plan;

import com.google.common.collect.Collections2;
import com.google.common.collect.ImmutableList;
import com.google.common.math.IntMath;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks for the order of the machines in which the quickest split is quickest: every order of a few machines; of many, some good orders, and
 * from the best of them on, one machine moved at a time while that makes it better. Which orders are looked at does not depend on the clock.
 */
final class OrderSearch {
    /** Steps of the inner loop; a few hundred milliseconds. */
    private static final double MOST_WORK = 2e7;
    private static final int MOST_PERMUTED = 8;
    /** Less than this is no improvement. */
    private static final double LEAST_GAIN = 1e-9;
    /** Of an order, for each number of stages; most orders are given up after the first. */
    private static final int TRIES = 3;
    /** For the longest stage, as multiples of the least that is possible, where there is no time to find what is best. */
    private static final ImmutableList<Double> BOUNDS = ImmutableList.of(1.000_001, Double.POSITIVE_INFINITY);

    private static final Comparator<MachineOffer> BY_NAME = Comparator.comparing(MachineOffer::workerId)
            .thenComparing(MachineOffer::incarnationId);

    private final PlanInput input;
    private final StageSizes sizes;
    /** Exactly so many stages; 0 for any number. */
    private final int count;
    private final Map<Integer, StageSeconds> seconds = new HashMap<>();
    /** Whether there is time to find the best of each number of stages. */
    private final boolean thorough;
    private final double workPerOrder;
    private double workLeft = MOST_WORK;
    private ImmutableList<PlannedStage> best = ImmutableList.of();
    private double bestSeconds = Double.POSITIVE_INFINITY;

    OrderSearch(PlanInput input, StageSizes sizes, int count) {
        this.input = input;
        this.sizes = sizes;
        this.count = count;
        double machines = input.machines().size();
        double sweep = machines * sizes.lastCut() * (sizes.lastCut() / 2.0 + machines / 2);
        int readers = input.aim().readers();
        double most = count > 0 ? count : Math.min(readers, machines);
        double each = sweep * most * most / 2 * TRIES;
        thorough = each * 10 < MOST_WORK;
        workPerOrder = readers == 1
                ? sweep * Math.max(1, count)
                : thorough ? each : sweep * most * (1 + BOUNDS.size());
    }

    /**
     * The quickest stages that were found, head first; empty when none fit.
     *
     * @param known plans from which to begin
     */
    ImmutableList<PlannedStage> search(List<ImmutableList<PlannedStage>> known) {
        List<List<MachineOffer>> starts = starts(known);
        int machines = input.machines().size();
        if (machines <= MOST_PERMUTED && IntMath.factorial(machines) * workPerOrder <= MOST_WORK) {
            // The starts first: of equal ones the first is kept.
            starts.forEach(this::consider);
            Collections2.permutations(starts.getFirst()).forEach(this::consider);
            return best;
        }
        List<MachineOffer> order = starts.getFirst();
        for (List<MachineOffer> start : starts) {
            if (consider(start)) {
                order = start;
            }
        }
        while (workLeft > 0) {
            Optional<List<MachineOffer>> better = improve(order);
            if (better.isEmpty()) {
                break;
            }
            order = better.get();
        }
        return best;
    }

    private List<List<MachineOffer>> starts(List<ImmutableList<PlannedStage>> known) {
        List<List<MachineOffer>> starts = new ArrayList<>();
        known.forEach(plan -> starts.add(completed(plan.stream().map(PlannedStage::machine).toList())));
        new RoleOrder(input, sizes, steps(1)).find().ifPresent(order -> starts.add(completed(order)));
        Comparator<MachineOffer> quick = Comparator
                .<MachineOffer>comparingDouble(machine -> -machine.speed().bytesPerSecond()).thenComparing(BY_NAME);
        starts.add(ImmutableList.sortedCopyOf(quick, input.machines()));
        starts.add(starts.getLast().reversed());
        Comparator<MachineOffer> small = Comparator.comparingLong(MachineOffer::usableMemoryBytes);
        starts.add(ImmutableList.sortedCopyOf(BY_NAME, input.machines()));
        starts.add(ImmutableList.sortedCopyOf(small.thenComparing(BY_NAME), input.machines()));
        starts.add(ImmutableList.sortedCopyOf(small.reversed().thenComparing(BY_NAME), input.machines()));
        if (!input.links().known().isEmpty()) {
            starts.add(nearest(starts.getFirst()));
        }
        return starts;
    }

    /** With all others behind. */
    private List<MachineOffer> completed(List<MachineOffer> first) {
        List<MachineOffer> order = new ArrayList<>(first);
        input.machines().stream().filter(machine -> !first.contains(machine)).sorted(BY_NAME).forEach(order::add);
        return order;
    }

    /** Each machine followed by the one that is nearest to it. */
    private List<MachineOffer> nearest(List<MachineOffer> order) {
        List<MachineOffer> left = new ArrayList<>(order);
        List<MachineOffer> chain = new ArrayList<>();
        chain.add(left.removeFirst());
        double bytes = input.needs().work().hiddenBytes();
        while (!left.isEmpty()) {
            MachineOffer from = chain.getLast();
            MachineOffer next = Collections.min(left,
                    Comparator.comparingDouble(to -> input.links().between(from, to).seconds(bytes)));
            left.remove(next);
            chain.add(next);
        }
        return chain;
    }

    /** The first order with one machine elsewhere that is better: in front or at the end first, since ends carry more. */
    private Optional<List<MachineOffer>> improve(List<MachineOffer> order) {
        int size = order.size();
        for (int distance = size; distance > 0; distance--) {
            for (int from = 0; from < size && workLeft > 0; from++) {
                for (int to : new int[]{distance == size ? 0 : from - distance,
                        distance == size ? size - 1 : from + distance}) {
                    if (to < 0 || to >= size || to == from) {
                        continue;
                    }
                    List<MachineOffer> other = new ArrayList<>(order);
                    other.add(to, other.remove(from));
                    if (consider(other)) {
                        return Optional.of(other);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** Looks at one order; says whether it is the best so far. */
    private boolean consider(List<MachineOffer> order) {
        workLeft -= workPerOrder;
        boolean better = false;
        for (ImmutableList<PlannedStage> stages : splits(order)) {
            if (count == 0 || stages.size() == count) {
                double found = seconds(stages);
                if (found < bestSeconds * (1 - LEAST_GAIN)) {
                    best = stages;
                    bestSeconds = found;
                    better = true;
                }
            }
        }
        return better;
    }

    private List<ImmutableList<PlannedStage>> splits(List<MachineOffer> order) {
        int readers = input.aim().readers();
        List<ImmutableList<PlannedStage>> splits = new ArrayList<>();
        if (readers == 1) {
            OrderedSplit split = new OrderedSplit(input, sizes, steps(1), order, OrderedSplit.Sum.ALL);
            if (count > 0) {
                splits.addAll(split.upTo(count, Double.POSITIVE_INFINITY));
            } else {
                split.best(Double.POSITIVE_INFINITY).ifPresent(splits::add);
            }
            return splits;
        }
        // The number of stages fixes how many tokens share a step. With more stages than readers there is one in each.
        int most = count > 0 ? count : Math.min(readers, order.size());
        if (thorough) {
            for (int stages = count > 0 ? count : 1; stages <= most; stages++) {
                int wanted = stages;
                int steps = Math.min(readers, stages);
                OrderedSplit whole = whole(order, Math.ceilDiv(readers, steps));
                paced(steps).find(longest -> whole.exactly(wanted, longest), roundSeconds()).ifPresent(splits::add);
            }
            if (count == 0 && order.size() > readers) {
                OrderedSplit any = whole(order, 1);
                paced(readers).find(any::best, roundSeconds()).ifPresent(splits::add);
            }
            return splits;
        }
        List<Integer> shares = new ArrayList<>();
        for (int stages = 1; stages <= most; stages++) {
            shares.add(Math.ceilDiv(readers, Math.min(readers, stages)));
        }
        for (int tokens : shares.stream().distinct().toList()) {
            addShared(splits, order, tokens, shares.lastIndexOf(tokens) + 1);
        }
        if (count == 0 && order.size() > readers) {
            OrderedSplit any = whole(order, 1);
            longestSeconds(splits, 1).forEach(longest -> any.best(longest).ifPresent(splits::add));
        }
        return splits;
    }

    private PacedSplit paced(int steps) {
        return new PacedSplit(input, steps, Math.ceilDiv(input.aim().readers(), steps));
    }

    private OrderedSplit whole(List<MachineOffer> order, int tokens) {
        return new OrderedSplit(input, sizes, steps(tokens), order, OrderedSplit.Sum.ALL);
    }

    /** In which every reader gets a token; of the best plan so far. */
    private double roundSeconds() {
        return bestSeconds * input.aim().readers() * (1 - LEAST_GAIN);
    }

    /** Both count, the whole way and the longest stage; which of them more depends on both. */
    private void addShared(List<ImmutableList<PlannedStage>> splits, List<MachineOffer> order, int tokens, int stages) {
        List<ImmutableList<PlannedStage>> even = new OrderedSplit(input, sizes, steps(tokens), order,
                OrderedSplit.Sum.LONGEST).upTo(stages, Double.POSITIVE_INFINITY);
        splits.addAll(even);
        OrderedSplit whole = whole(order, tokens);
        longestSeconds(even, tokens).forEach(longest -> splits.addAll(whole.upTo(stages, longest)));
    }

    /** What the longest stage may take, from the least that was found on. */
    private List<Double> longestSeconds(List<ImmutableList<PlannedStage>> found, int tokens) {
        double least = found.stream().mapToDouble(
                stages -> Timing.of(input.needs(), stages, input.links()).slowestSeconds(tokens)).min()
                .orElse(Double.POSITIVE_INFINITY);
        return BOUNDS.stream().map(bound -> bound * least).distinct().toList();
    }

    private StageSeconds steps(int tokens) {
        return seconds.computeIfAbsent(tokens, many -> new StageSeconds(input.needs(), many));
    }

    /** What is to be small: from token to token for one reader, or the time for a token of them all together. */
    private double seconds(ImmutableList<PlannedStage> stages) {
        return seconds(input, stages);
    }

    static double seconds(PlanInput input, ImmutableList<PlannedStage> stages) {
        Timing timing = Timing.of(input.needs(), stages, input.links());
        return input.aim().readers() == 1
                ? timing.secondsPerToken()
                : 1 / timing.tokensPerSecond(input.aim().readers());
    }
}

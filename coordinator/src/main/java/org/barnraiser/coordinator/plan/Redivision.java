package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import static java.util.Objects.requireNonNull;

/** Another cut of a running model over the same machines in the same order, by what their stages were seen to take. */
public final class Redivision {
    /** For machines that were never measured: reading weights is what takes their time. */
    private static final Speed READING = new Speed(1e9, 1e15, 0);

    private final PlanInput input;
    private final StageSizes sizes;

    /**
     * What steps were seen to take.
     *
     * @param tokens in each of them
     * @param stageSeconds of a step on each stage, head first
     */
    public record Seen(int tokens, ImmutableDoubleArray stageSeconds) {}

    /**
     * A cut that would be quicker.
     *
     * @param nowSeconds what a token takes with the cut that runs, by what was seen
     * @param thenSeconds what it would take
     */
    public record Better(Plan plan, double nowSeconds, double thenSeconds) {
        /** Part of a token's time that it saves. */
        public double gain() {
            return 1 - thenSeconds / nowSeconds;
        }

        public double savedSeconds() {
            return nowSeconds - thenSeconds;
        }
    }

    private Redivision(PlanInput input) {
        this.input = input;
        sizes = new StageSizes(input.needs());
    }

    /**
     * Looks for one; empty when there is none, or too little is known.
     *
     * @param input its preferences say what runs
     * @param seen of that, once or more; the median counts
     */
    public static Optional<Better> find(PlanInput input, List<Seen> seen) {
        return new Redivision(input).find(seen);
    }

    private Optional<Better> find(List<Seen> seen) {
        ImmutableList<Placement> running = input.preferences().running();
        ImmutableMap<String, MachineOffer> machines = Maps.uniqueIndex(input.machines(), MachineOffer::incarnationId);
        boolean known = !seen.isEmpty() && running.size() > 1
                && sizes.isWhole(running.stream().map(Placement::layers).toList())
                && running.stream().allMatch(placement -> machines.containsKey(placement.incarnationId()))
                && seen.stream().allMatch(each -> each.stageSeconds().length() >= running.size()
                        && each.stageSeconds().stream().limit(running.size()).allMatch(seconds -> seconds > 0));
        if (!known) {
            return Optional.empty();
        }
        List<PlannedStage> now = new ArrayList<>();
        for (int stage = 0; stage < running.size(); stage++) {
            Placement placement = running.get(stage);
            MachineOffer machine = requireNonNull(machines.get(placement.incarnationId()));
            now.add(stage(machine.with(machine.speed().isKnown() ? machine.speed() : READING), placement.layers()));
        }
        return better(asFastAs(now, seen));
    }

    private PlannedStage stage(MachineOffer machine, Layers layers) {
        return new PlannedStage(machine, layers.first(), layers.last(), sizes.bytes(layers));
    }

    /** The same stages on machines as fast as they were seen to be. */
    private ImmutableList<PlannedStage> asFastAs(List<PlannedStage> stages, List<Seen> seen) {
        Timing expected = Timing.of(input.needs(), stages, input.links());
        ImmutableList.Builder<PlannedStage> measured = ImmutableList.builder();
        for (int index = 0; index < stages.size(); index++) {
            int stage = index;
            double[] factors = seen.stream()
                    .mapToDouble(each -> expected.stageSeconds(stage, each.tokens()) / each.stageSeconds().get(stage))
                    .sorted().toArray();
            MachineOffer machine = stages.get(stage).machine();
            measured.add(stage(machine.with(machine.speed().times(factors[factors.length / 2])),
                    stages.get(stage).layers()));
        }
        return measured.build();
    }

    private Optional<Better> better(ImmutableList<PlannedStage> now) {
        ImmutableList<MachineOffer> machines = now.stream().map(PlannedStage::machine)
                .collect(ImmutableList.toImmutableList());
        double nowSeconds = OrderSearch.seconds(input, now);
        StageSeconds seconds = new StageSeconds(input.needs(), 1);
        return Stream.of(OrderedSplit.Sum.ALL, OrderedSplit.Sum.LONGEST)
                .flatMap(sum -> new OrderedSplit(input, sizes, seconds, machines, sum)
                        .exactly(machines.size(), Double.POSITIVE_INFINITY).stream())
                .map(stages -> new Better(new Plan(stages), nowSeconds, OrderSearch.seconds(input, stages)))
                .filter(better -> better.thenSeconds() < nowSeconds)
                .min(Comparator.comparingDouble(Better::thenSeconds));
    }
}

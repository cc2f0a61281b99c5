package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Spreads a model over as many of the machines as can take a part, each in proportion to the memory it lends.
 *
 * <p>The order of the machines in the pipeline matters, because head and tail carry more than their layers. Three orders are
 * tried: by name, largest first, smallest first. For each of them the search is exact: when any contiguous split at legal cut
 * points fits (machines may be left out), one is found.
 */
public final class ProportionalPlanner implements Planner {
    private static final Comparator<MachineOffer> BY_NAME = Comparator.comparing(MachineOffer::workerId)
            .thenComparing(MachineOffer::incarnationId);
    private static final Comparator<MachineOffer> BY_MEMORY = Comparator.comparingLong(MachineOffer::usableMemoryBytes);
    private static final List<Comparator<MachineOffer>> ORDERS = List.of(BY_NAME,
            BY_MEMORY.reversed().thenComparing(BY_NAME),
            BY_MEMORY.thenComparing(BY_NAME));

    @Override
    public PlanOutcome plan(PlanInput input) {
        StageSizes sizes = new StageSizes(input.needs());
        Optional<Split> best = Optional.empty();
        for (Comparator<MachineOffer> order : ORDERS) {
            Optional<Split> split = Split.best(sizes, ImmutableList.sortedCopyOf(order, input.machines()));
            // Strictly better only, so that machines of one size keep the order of their names.
            if (split.isPresent() && (best.isEmpty() || split.get().isBetterThan(best.get()))) {
                best = split;
            }
        }
        return best.<PlanOutcome>map(split -> new PlanOutcome.Planned(new Plan(split.stages())))
                .orElseGet(() -> doesNotFit(sizes, input.machines()));
    }

    private static PlanOutcome doesNotFit(StageSizes sizes, ImmutableList<MachineOffer> machines) {
        long missing = Long.MAX_VALUE;
        for (Comparator<MachineOffer> order : ORDERS) {
            missing = Math.min(missing, Shortfall.bytes(sizes, ImmutableList.sortedCopyOf(order, machines)));
        }
        long usable = MachineOffer.usableBytesFor(missing);
        String reason = String.format(Locale.ROOT,
                "The model needs %s of memory and the workers that are here lend %s in all; %s more are missing.",
                gigabytes(MachineOffer.usableBytesFor(sizes.wholeModelBytes())),
                gigabytes(machines.stream().mapToLong(MachineOffer::usableMemoryBytes).sum()), gigabytes(usable));
        return new PlanOutcome.DoesNotFit(usable, reason);
    }

    private static String gigabytes(long bytes) {
        double gigabytes = bytes / 1e9;
        return gigabytes < 1
                ? String.format(Locale.ROOT, "%d MB", Math.ceilDiv(bytes, 1_000_000))
                : String.format(Locale.ROOT, "%.1f GB", Math.ceil(gigabytes * 10) / 10);
    }
}

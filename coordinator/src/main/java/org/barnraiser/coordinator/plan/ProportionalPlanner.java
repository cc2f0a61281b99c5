package org.barnraiser.coordinator.plan;

import com.google.common.collect.Collections2;
import com.google.common.collect.ImmutableList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Keeps what runs; else gives a lost stage to a machine that has none; else splits the model again, each machine's part in
 * proportion to the memory it lends where nothing else speaks for a cut.
 *
 * <p>The order of the machines in the pipeline matters, because head and tail carry more than their layers. Four orders are
 * tried: as they run now, by name, largest first, smallest first; and every order of a few machines when ways between them are cut.
 * For each order the search is exact: when any contiguous split at legal cut points fits (machines may be left out), one is found.
 */
public final class ProportionalPlanner implements Planner {
    private static final Comparator<MachineOffer> BY_NAME = Comparator.comparing(MachineOffer::workerId)
            .thenComparing(MachineOffer::incarnationId);
    private static final Comparator<MachineOffer> BY_MEMORY = Comparator.comparingLong(MachineOffer::usableMemoryBytes);
    private static final List<Comparator<MachineOffer>> ORDERS = List.of(BY_NAME,
            BY_MEMORY.reversed().thenComparing(BY_NAME),
            BY_MEMORY.thenComparing(BY_NAME));
    /** 5! orders are soon tried. */
    private static final int FEW_MACHINES = 5;

    @Override
    public PlanOutcome plan(PlanInput input) {
        StageSizes sizes = new StageSizes(input.needs());
        return Substitution.find(sizes, input.checked(sizes))
                .<PlanOutcome>map(PlanOutcome.Planned::new)
                .orElseGet(() -> afresh(input));
    }

    @Override
    public PlanOutcome afresh(PlanInput input) {
        StageSizes sizes = new StageSizes(input.needs());
        return afresh(sizes, input.checked(sizes));
    }

    private static PlanOutcome afresh(StageSizes sizes, PlanInput input) {
        Optional<Split> best = Optional.empty();
        for (List<MachineOffer> order : orders(input)) {
            Optional<Split> split = Split.best(sizes, order, input.preferences(),
                    input.aim().trustedEnds());
            // Strictly better only, so that machines of one size keep the order of their names.
            if (split.isPresent() && (best.isEmpty() || Split.BEST_FIRST.compare(split.get(), best.get()) < 0)) {
                best = split;
            }
        }
        return best.<PlanOutcome>map(split -> new PlanOutcome.Planned(new Plan(split.stages())))
                .orElseGet(() -> doesNotFit(sizes, input));
    }

    private static Collection<List<MachineOffer>> orders(PlanInput input) {
        List<MachineOffer> byName = ImmutableList.sortedCopyOf(BY_NAME, input.machines());
        if (!input.preferences().cut().isEmpty() && byName.size() <= FEW_MACHINES) {
            return Collections2.permutations(byName);
        }
        ImmutableList.Builder<List<MachineOffer>> orders = ImmutableList.builder();
        if (!input.preferences().running().isEmpty()) {
            orders.add(ImmutableList.sortedCopyOf(
                    Comparator.<MachineOffer>comparingInt(machine -> place(machine, input.preferences()))
                            .thenComparing(BY_NAME),
                    input.machines()));
        }
        for (Comparator<MachineOffer> order : ORDERS) {
            ImmutableList<MachineOffer> sorted = ImmutableList.sortedCopyOf(order, input.machines());
            orders.add(sorted);
            if (!input.preferences().cut().isEmpty()) {
                orders.add(sorted.reverse());
            }
        }
        return orders.build();
    }

    /** A machine's place in the pipeline that runs; after all of them when it has none. */
    private static int place(MachineOffer machine, Preferences preferences) {
        for (int i = 0; i < preferences.running().size(); i++) {
            if (preferences.running().get(i).incarnationId().equals(machine.incarnationId())) {
                return i;
            }
        }
        return preferences.running().size();
    }

    private static PlanOutcome doesNotFit(StageSizes sizes, PlanInput input) {
        PlanInput uncut = input.with(input.preferences().withoutCuts());
        if (!input.preferences().cut().isEmpty() && afresh(sizes, uncut) instanceof PlanOutcome.Planned) {
            return new PlanOutcome.DoesNotFit(1,
                    "The machines that are here could hold the model, but some of them do not"
                            + " reach each other, in whatever order they stand.");
        }
        if (input.aim().trustedEnds()) {
            PlanInput anywhere = new PlanInput(input.needs(), input.machines(), input.preferences(),
                    new Aim(input.aim().readers(), false), input.links());
            if (afresh(sizes, anywhere) instanceof PlanOutcome.Planned) {
                return new PlanOutcome.DoesNotFit(trustedBytes(sizes, input),
                        "The machines that are here could hold the model, but the first and the last layers are to be on"
                                + " trusted machines alone, and those are too small or not there.");
            }
        }
        Shortfall least = ORDERS.stream()
                .map(order -> Shortfall.of(sizes, ImmutableList.sortedCopyOf(order, input.machines())))
                .min(Comparator.comparingLong(Shortfall::bytes))
                .orElseThrow();
        long usable = MachineOffer.usableBytesFor(least.bytes());
        String layers = least.layers().words();
        String reason = String.format(Locale.ROOT,
                "%s %s no machine: %s more needed (the model takes %s of memory, the workers that are here lend %s).",
                layers.substring(0, 1).toUpperCase(Locale.ROOT) + layers.substring(1),
                least.layers().last() - least.layers().first() == 1 ? "has" : "have", gigabytes(usable),
                gigabytes(MachineOffer.usableBytesFor(sizes.wholeModelBytes())),
                gigabytes(input.machines().stream().mapToLong(MachineOffer::usableMemoryBytes).sum()));
        return new PlanOutcome.DoesNotFit(usable, reason);
    }

    /** What one trusted machine more would have to lend: found by trying, as it may take the head's part, the tail's or both. */
    private static long trustedBytes(StageSizes sizes, PlanInput input) {
        long tooLittle = 0;
        long enough = MachineOffer.usableBytesFor(sizes.wholeModelBytes());
        while (enough - tooLittle > Math.max(10, enough >> 10)) {
            long tried = tooLittle + (enough - tooLittle) / 2;
            MachineOffer more = new MachineOffer("", "", "", tried).vouchedFor();
            ImmutableList<MachineOffer> machines = ImmutableList.<MachineOffer>builder().addAll(input.machines())
                    .add(more)
                    .build();
            boolean fits = orders(new PlanInput(input.needs(), machines, Preferences.stages(0))).stream()
                    .anyMatch(order -> Split.best(sizes, order, Preferences.stages(0), true).isPresent());
            if (fits) {
                enough = tried;
            } else {
                tooLittle = tried;
            }
        }
        return enough;
    }

    private static String gigabytes(long bytes) {
        double gigabytes = bytes / 1e9;
        return gigabytes < 1
                ? String.format(Locale.ROOT, "%d MB", Math.ceilDiv(bytes, 1_000_000))
                : String.format(Locale.ROOT, "%.1f GB", Math.ceil(gigabytes * 10) / 10);
    }
}

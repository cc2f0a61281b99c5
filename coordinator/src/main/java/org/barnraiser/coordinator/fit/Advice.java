package org.barnraiser.coordinator.fit;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

import static com.google.common.collect.ImmutableList.toImmutableList;

/**
 * What else could be done with a model and some machines.
 *
 * @param quantisation what to take instead: the finest that fits when this one does not, or a finer one that fits as well
 * @param without what if one of the machines were not there
 * @param oneMore what if there were one more like the one that is named, the fastest
 */
public record Advice(Optional<Change> quantisation, ImmutableList<Change> without, Optional<Change> oneMore) {
    /** More would be read by nobody. */
    private static final int MAX_CHANGES = 8;

    /** One thing that is different, and what comes of it. */
    public record Change(String what, Fit fit) {}

    /**
     * Tries it all out.
     *
     * @param bitsPerWeight as the model is stored
     */
    public static Advice of(FitCheck check, Model model, double bitsPerWeight, ImmutableList<Machine> machines,
            Wanted wanted, Fit present) {
        return new Advice(quantisation(check, model, bitsPerWeight, machines, wanted, present),
                without(check, model, machines, wanted, present), oneMore(check, model, machines, wanted));
    }

    private static Optional<Change> quantisation(FitCheck check, Model model, double bits,
            ImmutableList<Machine> machines, Wanted wanted, Fit present) {
        // A quantisation's bits are an average over models; a step to the next is more than that is off.
        return Arrays.stream(Quantisation.values())
                .filter(other -> present.fits() ? other.bits() > bits * 1.08 : other.bits() < bits * 0.92)
                .map(other -> new Change(other.name(),
                        check.check(new Model(other.applied(model.needs(), bits), true), machines, wanted)))
                .filter(change -> change.fit().fits())
                .findFirst();
    }

    private static ImmutableList<Change> without(FitCheck check, Model model, List<Machine> machines, Wanted wanted,
            Fit present) {
        if (!present.fits() || machines.size() < 2) {
            return ImmutableList.of();
        }
        return machines.stream().limit(MAX_CHANGES)
                .map(machine -> new Change(machine.name(), check.check(model,
                        machines.stream().filter(other -> !other.name().equals(machine.name()))
                                .collect(toImmutableList()),
                        wanted)))
                .collect(toImmutableList());
    }

    private static Optional<Change> oneMore(FitCheck check, Model model, List<Machine> machines, Wanted wanted) {
        return machines.stream()
                .max(Comparator.comparingDouble(Advice::bandwidth).thenComparingLong(Machine::memoryBytes))
                .map(fastest -> new Change(fastest.name(), check.check(model, ImmutableList.<Machine>builder()
                        .addAll(machines).add(fastest.named("one more " + fastest.name())).build(), wanted)));
    }

    private static double bandwidth(Machine machine) {
        return machine.pace().map(pace -> pace.likely().bytesPerSecond()).orElse(0.0);
    }
}

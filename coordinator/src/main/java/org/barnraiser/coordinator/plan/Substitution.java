package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableMap.toImmutableMap;

/**
 * Leaves every stage where it is whose machine is still there, and gives each of the others, as it is, to a machine that has none:
 * to one that has it in memory, else on its disk, else to any that it fits. Empty when nothing can stay or somebody is missing.
 */
final class Substitution {
    /** With more stages lost than this nothing much stays anyway. */
    private static final int MAX_LOST = 5;

    private final StageSizes sizes;
    private final Preferences preferences;
    private final boolean trustedEnds;
    private final List<MachineOffer> free;
    /** By stage; null where the machine is gone. */
    private final List<@Nullable MachineOffer> kept = new ArrayList<>();
    private final @Nullable MachineOffer[] chosen;
    private ImmutableList<PlannedStage> best = ImmutableList.of();
    private long bestBytes = Long.MAX_VALUE;

    private Substitution(StageSizes sizes, PlanInput input) {
        this.sizes = sizes;
        preferences = input.preferences();
        trustedEnds = input.aim().trustedEnds();
        Map<String, MachineOffer> machines = input.machines().stream()
                .collect(toImmutableMap(MachineOffer::incarnationId, Function.identity(), (one, _) -> one));
        for (Placement placement : preferences.running()) {
            MachineOffer machine = machines.get(placement.incarnationId());
            kept.add(machine != null && fits(machine, placement.layers()) ? machine : null);
        }
        chosen = kept.toArray(new MachineOffer[0]);
        free = input.machines().stream().filter(machine -> !kept.contains(machine))
                .sorted(Comparator.comparing(MachineOffer::workerId).thenComparing(MachineOffer::incarnationId))
                .toList();
    }

    /**
     * Searches all ways to do it for the one that brings the fewest bytes.
     *
     * @param input whose plan before is whole, or none
     */
    static Optional<Plan> find(StageSizes sizes, PlanInput input) {
        Substitution search = new Substitution(sizes, input);
        long lost = search.kept.stream().filter(machine -> machine == null).count();
        long staying = search.kept.stream().filter(machine -> machine != null).distinct().count();
        if (staying == 0 || lost > MAX_LOST || staying + lost != search.kept.size()) {
            return Optional.empty();
        }
        search.choose(0, (int) lost, 0);
        return search.best.isEmpty() ? Optional.empty() : Optional.of(new Plan(search.best));
    }

    private boolean fits(MachineOffer machine, Layers layers) {
        boolean end = layers.first() == 0 || layers.last() == sizes.layer(sizes.lastCut());
        return sizes.bytes(layers) <= machine.budgetBytes() && (!trustedEnds || !end || machine.trusted());
    }

    private void choose(int stage, int lost, long bytes) {
        if (bytes >= bestBytes) {
            return;
        }
        if (stage == kept.size()) {
            best = stages();
            bestBytes = bytes;
            return;
        }
        Layers layers = preferences.running().get(stage).layers();
        if (kept.get(stage) != null) {
            if (isLinked(stage)) {
                choose(stage + 1, lost, bytes);
            }
            return;
        }
        for (MachineOffer machine : candidates(layers, lost)) {
            chosen[stage] = machine;
            if (isLinked(stage)) {
                choose(stage + 1, lost, bytes + toLoad(machine, layers));
            }
        }
        chosen[stage] = null;
    }

    /** The best few are enough: the others of them can be taken by the other lost stages at most. */
    private ImmutableList<MachineOffer> candidates(Layers layers, int lost) {
        int enough = preferences.cut().isEmpty() ? lost : free.size();
        return free.stream().filter(machine -> fits(machine, layers) && !List.of(taken()).contains(machine))
                .sorted(Comparator.comparingLong(machine -> toLoad(machine, layers)))
                .limit(enough)
                .collect(toImmutableList());
    }

    private MachineOffer[] taken() {
        return Arrays.stream(chosen).filter(machine -> machine != null).toArray(MachineOffer[]::new);
    }

    private long toLoad(MachineOffer machine, Layers layers) {
        return preferences.bytesToLoad(machine, layers, sizes.bytes(layers));
    }

    /** Whether the stage before, which is decided already, reaches this one. */
    private boolean isLinked(int stage) {
        return stage == 0 || !preferences.isCut(at(stage - 1), at(stage));
    }

    private MachineOffer at(int stage) {
        MachineOffer machine = chosen[stage];
        if (machine == null) {
            throw new IllegalStateException("stage " + stage + " has no machine yet");
        }
        return machine;
    }

    private ImmutableList<PlannedStage> stages() {
        ImmutableList.Builder<PlannedStage> stages = ImmutableList.builder();
        for (int stage = 0; stage < kept.size(); stage++) {
            Layers layers = preferences.running().get(stage).layers();
            stages.add(new PlannedStage(at(stage), layers.first(), layers.last(), sizes.bytes(layers)));
        }
        return stages.build();
    }
}

package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.barnraiser.coordinator.plan.PlanOutcome.DoesNotFit;
import org.barnraiser.coordinator.plan.PlanOutcome.Planned;

import static org.assertj.core.api.Assertions.assertThat;

class ProportionalPlannerProperties {
    private static final int MAX_LAYERS = 8;
    private static final Comparator<MachineOffer> BY_NAME = Comparator.comparing(MachineOffer::workerId);
    private static final Comparator<MachineOffer> BY_MEMORY = Comparator.comparingLong(MachineOffer::usableMemoryBytes);
    private static final List<Comparator<MachineOffer>> ORDERS = List.of(BY_NAME, BY_MEMORY.thenComparing(BY_NAME),
            BY_MEMORY.reversed().thenComparing(BY_NAME));

    private final Planner planner = new ProportionalPlanner();

    @Property
    void every_layer_is_covered_once_at_legal_cuts_within_memory(@ForAll("inputs") PlanInput input) {
        if (!(planner.plan(input) instanceof Planned(Plan plan))) {
            return;
        }
        int next = 0;
        for (PlannedStage stage : plan.stages()) {
            assertThat(stage.first()).isEqualTo(next);
            assertThat(stage.last()).isGreaterThan(stage.first());
            assertThat(input.needs().cutPoints().contains(stage.last())).isTrue();
            assertThat(stage.memoryBytes()).isEqualTo(input.needs().stageBytes(stage.first(), stage.last()))
                    .isLessThanOrEqualTo(
                            stage.machine().usableMemoryBytes() - stage.machine().usableMemoryBytes() / 10);
            next = stage.last();
        }
        assertThat(next).isEqualTo(input.needs().layerCount());
        assertThat(plan.stages().stream().map(PlannedStage::machine)).doesNotHaveDuplicates();
        assertThat(input.machines()).containsAll(plan.stages().stream().map(PlannedStage::machine).toList());
    }

    @Property
    void a_split_is_found_exactly_when_one_exists_in_an_order_that_is_tried(@ForAll("inputs") PlanInput input) {
        boolean exists = ORDERS.stream().anyMatch(
                order -> someSplitFits(input.needs(), ImmutableList.sortedCopyOf(order, input.machines()), 0));
        assertThat(planner.plan(input)).isInstanceOf(exists ? Planned.class : DoesNotFit.class);
    }

    @Property
    void the_order_in_which_machines_are_named_changes_nothing(@ForAll("inputs") PlanInput input,
            @ForAll Random random) {
        List<MachineOffer> shuffled = new ArrayList<>(input.machines());
        Collections.shuffle(shuffled, random);
        assertThat(planner.plan(new PlanInput(input.needs(), ImmutableList.copyOf(shuffled), input.preferences())))
                .isEqualTo(planner.plan(input));
    }

    @Property
    void the_missing_memory_is_what_one_more_machine_needs_and_no_byte_more(@ForAll("inputs") PlanInput input) {
        if (planner.plan(input) instanceof DoesNotFit(long missingBytes, _)) {
            assertThat(missingBytes).isPositive();
            assertThat(fitsWithOneMore(input, missingBytes)).isTrue();
            assertThat(fitsWithOneMore(input, missingBytes - 10)).isFalse();
        }
    }

    private static boolean fitsWithOneMore(PlanInput input, long usableMemoryBytes) {
        MachineOffer extra = new MachineOffer("extra", "1", "x:1", usableMemoryBytes);
        for (Comparator<MachineOffer> order : ORDERS) {
            for (int place = 0; place <= input.machines().size(); place++) {
                List<MachineOffer> machines = new ArrayList<>(ImmutableList.sortedCopyOf(order, input.machines()));
                machines.add(place, extra);
                if (someSplitFits(input.needs(), machines, 0)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean someSplitFits(ModelNeeds needs, List<MachineOffer> machines, int first) {
        if (first == needs.layerCount()) {
            return true;
        }
        if (machines.isEmpty()) {
            return false;
        }
        List<MachineOffer> others = machines.subList(1, machines.size());
        return someSplitFits(needs, others, first) || needs.cutPoints().stream().filter(cut -> cut > first)
                .anyMatch(cut -> needs.stageBytes(first, cut) <= machines.getFirst().budgetBytes()
                        && someSplitFits(needs, others, cut));
    }

    @Provide
    Arbitrary<PlanInput> inputs() {
        Arbitrary<ImmutableList<MachineOffer>> machines = Arbitraries.integers().between(10, 400).list().ofMaxSize(5)
                .map(sizes -> {
                    ImmutableList.Builder<MachineOffer> offers = ImmutableList.builder();
                    for (int i = 0; i < sizes.size(); i++) {
                        offers.add(new MachineOffer(Character.toString('a' + i), "1", "h:" + i, sizes.get(i)));
                    }
                    return offers.build();
                });
        return Combinators.combine(needs(), machines, Arbitraries.integers().between(0, 5))
                .as((needs, offers, stages) -> new PlanInput(needs, offers, Preferences.stages(stages)));
    }

    private static Arbitrary<ModelNeeds> needs() {
        return Arbitraries.integers().between(1, MAX_LAYERS).flatMap(layers -> {
            Arbitrary<ImmutableLongArray> layerBytes = longs(layers, 1, 100);
            Arbitrary<ImmutableLongArray> cacheBytes = longs(layers, 0, 5);
            Arbitrary<ImmutableIntArray> cuts = Arbitraries.integers().between(0, layers).set().map(inner -> {
                inner.add(0);
                inner.add(layers);
                return ImmutableIntArray.copyOf(inner.stream().sorted().mapToInt(Integer::intValue));
            });
            return Combinators.combine(layerBytes, cacheBytes, cuts, Arbitraries.longs().between(0, 100),
                    Arbitraries.longs().between(0, 100), Arbitraries.longs().between(0, 20),
                    Arbitraries.integers().between(1, 8))
                    .as((bytes, cache, cutPoints, head, tail, every, cacheTokens) -> new ModelNeeds(bytes, head, tail,
                            every, cache,
                            cacheTokens,
                            cutPoints));
        });
    }

    private static Arbitrary<ImmutableLongArray> longs(int count, long min, long max) {
        return Arbitraries.longs().between(min, max).list().ofSize(count).map(ImmutableLongArray::copyOf);
    }
}

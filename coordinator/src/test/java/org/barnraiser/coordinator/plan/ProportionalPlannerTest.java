package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.plan.PlanOutcome.DoesNotFit;
import org.barnraiser.coordinator.plan.PlanOutcome.Planned;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ProportionalPlannerTest {
    private static final long GB = 1_000_000_000;

    private final Planner planner = new ProportionalPlanner();

    @Test
    void a_small_model_is_still_split_over_all_workers() {
        assertThat(rangesOn(layersOf(5, GB), machine("w1", 100 * GB), machine("w2", 100 * GB))).containsExactly(
                "w1:0-3",
                "w2:3-5");
    }

    @Test
    void machines_take_layers_in_proportion_to_their_memory() {
        assertThat(rangesOn(layersOf(12, GB), machine("a", 10 * GB), machine("b", 30 * GB), machine("c", 20 * GB)))
                .containsExactly("a:0-2", "b:2-8", "c:8-12");
    }

    @Test
    void no_more_machines_are_used_than_are_wanted() {
        ModelNeeds needs = layersOf(6, GB);
        ImmutableList<MachineOffer> machines = ImmutableList.of(machine("a", 10 * GB), machine("b", 10 * GB),
                machine("c", 10 * GB));
        assertThat(rangesOf(planner.plan(new PlanInput(needs, machines, Preferences.stages(2)))))
                .containsExactly("a:0-3", "b:3-6");
        assertThat(rangesOf(planner.plan(new PlanInput(needs, machines, Preferences.stages(0)))))
                .as("as few as fit").containsExactly("a:0-6");
    }

    @Test
    void more_machines_than_wanted_are_used_when_the_model_needs_them() {
        PlanInput input = new PlanInput(layersOf(6, GB),
                ImmutableList.of(machine("a", 4 * GB), machine("b", 4 * GB)), Preferences.stages(1));
        assertThat(rangesOf(planner.plan(input))).containsExactly("a:0-3", "b:3-6");
    }

    @Test
    void only_legal_cuts_are_made() {
        ModelNeeds period6 = new ModelNeeds(sameForAll(18, GB), 0, 0, 0, sameForAll(18, 0), 1,
                ImmutableIntArray.of(0, 6, 12, 18));
        assertThat(rangesOn(period6, machine("a", 50 * GB), machine("b", 50 * GB))).containsExactly("a:0-12",
                "b:12-18");
    }

    @Test
    void workers_beyond_the_number_of_legal_cuts_are_left_out() {
        assertThat(rangesOn(layersOf(1, GB), machine("a", 50 * GB), machine("b", 50 * GB))).hasSize(1);
    }

    @Test
    void a_machine_too_small_for_any_layer_is_left_out() {
        assertThat(rangesOn(layersOf(4, GB), machine("a", 10 * GB), machine("b", GB / 2), machine("c", 10 * GB)))
                .containsExactly("a:0-2", "c:2-4");
    }

    @Test
    void the_order_changes_when_only_the_largest_machine_can_carry_the_head() {
        ModelNeeds heavyHead = new ModelNeeds(sameForAll(4, GB), 10 * GB, 0, 0, sameForAll(4, 0), 1,
                ImmutableIntArray.of(0, 1, 2, 3, 4));
        assertThat(rangesOn(heavyHead, machine("a", 3 * GB), machine("b", 14 * GB))).containsExactly("b:0-2", "a:2-4");
    }

    @Test
    void a_tenth_of_the_memory_stays_free() {
        assertThat(planner.plan(input(layersOf(10, GB), machine("a", 11 * GB)))).isInstanceOf(DoesNotFit.class);
        assertThat(planner.plan(input(layersOf(9, GB), machine("a", 10 * GB)))).isInstanceOf(Planned.class);
    }

    @Test
    void the_cache_counts() {
        ModelNeeds needs = new ModelNeeds(sameForAll(2, GB), 0, 0, 0, sameForAll(2, 1_000_000), 4_000,
                ImmutableIntArray.of(0, 1, 2));
        Planned planned = (Planned) planner.plan(input(needs, machine("a", 20 * GB)));
        assertThat(planned.plan().stages().getFirst().memoryBytes()).isEqualTo(10 * GB);
    }

    @Test
    void a_model_that_does_not_fit_is_refused_with_what_is_missing() {
        DoesNotFit doesNotFit = (DoesNotFit) planner.plan(input(layersOf(10, 9 * GB), machine("a", 40 * GB)));
        assertThat(doesNotFit.missingBytes()).isEqualTo(60 * GB);
        assertThat(doesNotFit.reason())
                .isEqualTo("Layers 4–9 have no machine: 60.0 GB more needed (the model takes 100.0 GB of memory, "
                        + "the workers that are here lend 40.0 GB).");
    }

    @Test
    void no_machines_at_all_is_an_answer_too() {
        assertThat(planner.plan(input(layersOf(2, 9 * GB)))).isInstanceOfSatisfying(DoesNotFit.class,
                none -> assertThat(none.missingBytes()).isEqualTo(20 * GB));
    }

    private ImmutableList<String> rangesOn(ModelNeeds needs, MachineOffer... machines) {
        return rangesOf(planner.plan(input(needs, machines)));
    }

    private static ImmutableList<String> rangesOf(PlanOutcome outcome) {
        Planned planned = (Planned) outcome;
        return planned.plan().stages().stream()
                .map(stage -> stage.machine().workerId() + ":" + stage.first() + "-" + stage.last())
                .collect(ImmutableList.toImmutableList());
    }

    private static PlanInput input(ModelNeeds needs, MachineOffer... machines) {
        return new PlanInput(needs, ImmutableList.copyOf(machines), Preferences.stages(machines.length));
    }

    private static MachineOffer machine(String id, long usableMemoryBytes) {
        return new MachineOffer(id, "1", id + ":1", usableMemoryBytes);
    }

    private static ModelNeeds layersOf(int layers, long bytes) {
        return new ModelNeeds(sameForAll(layers, bytes), 0, 0, 0, sameForAll(layers, 0), 1,
                ImmutableIntArray.copyOf(IntStream.rangeClosed(0, layers)));
    }

    private static ImmutableLongArray sameForAll(int layers, long value) {
        long[] values = new long[layers];
        Arrays.fill(values, value);
        return ImmutableLongArray.copyOf(values);
    }
}

package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import java.util.Random;
import org.barnraiser.coordinator.plan.PlanOutcome.DoesNotFit;
import org.barnraiser.coordinator.plan.PlanOutcome.Planned;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class QuickestPlannerTest {
    private static final long GIGABYTE = 1_000_000_000;

    private final Planner planner = new QuickestPlanner();
    private final ModelNeeds needs = RandomClusters.model(new Random(1), 24);

    @Test
    void fast_machines_are_filled_and_slow_ones_that_are_not_needed_are_left_out() {
        assertThat(stages(Preferences.stages(0), machine("slow", 20, 10), machine("fast", 20, 400)))
                .extracting(stage -> stage.machine().workerId()).containsExactly("fast");
    }

    @Test
    void machines_of_one_kind_share_evenly() {
        ImmutableList<PlannedStage> stages = stages(Preferences.stages(2), machine("a", 20, 50), machine("b", 20, 50));
        assertThat(stages).extracting(PlannedStage::last).containsExactly(12, 24);
    }

    @Test
    void as_long_as_a_speed_is_not_known_memory_alone_counts() {
        MachineOffer unknown = new MachineOffer("b", "b", "b:1", 20 * GIGABYTE);
        PlanInput input = input(Preferences.stages(2), machine("a", 20, 400), unknown);
        assertThat(planner.afresh(input)).isEqualTo(new ProportionalPlanner().afresh(input));
    }

    @Test
    void what_runs_stays_for_a_small_gain_and_moves_for_a_large_one_at_leisure() {
        Preferences running = new Preferences(2,
                ImmutableList.of(new Placement("a", new Layers(0, 12)), new Placement("b", new Layers(12, 24))),
                ImmutableSetMultimap.of(), ImmutableSetMultimap.of(), ImmutableSet.of());
        assertThat(stages(running, machine("a", 20, 50), machine("b", 20, 55)))
                .extracting(PlannedStage::last).containsExactly(12, 24);
        PlanInput uneven = input(running, machine("a", 20, 20), machine("b", 20, 400));
        assertThat(((Planned) planner.afresh(uneven)).plan().stages().getFirst().last()).isLessThan(6);
        assertThat(((Planned) planner.plan(uneven)).plan().stages()).extracting(PlannedStage::last)
                .containsExactly(12, 24);
    }

    @Test
    void text_stays_on_trusted_machines_when_asked() {
        MachineOffer[] machines = {machine("fast", 40, 400), machine("trusted", 40, 20).vouchedFor()};
        ImmutableList<PlannedStage> open = stages(Preferences.stages(0), machines);
        assertThat(open).extracting(stage -> stage.machine().workerId()).contains("fast");
        PlanInput asked = new PlanInput(needs, ImmutableList.copyOf(machines), Preferences.stages(0), new Aim(1, true),
                Links.USUAL);
        for (PlanOutcome outcome : ImmutableList.of(planner.afresh(asked), planner.plan(asked))) {
            ImmutableList<PlannedStage> stages = ((Planned) outcome).plan().stages();
            assertThat(stages.getFirst().machine().trusted()).isTrue();
            assertThat(stages.getLast().machine().trusted()).isTrue();
        }
    }

    @Test
    void without_a_trusted_machine_it_is_said_what_one_must_lend() {
        PlanInput asked = new PlanInput(needs, ImmutableList.of(machine("a", 20, 50)), Preferences.stages(0),
                new Aim(1, true), Links.USUAL);
        DoesNotFit refusal = (DoesNotFit) planner.afresh(asked);
        assertThat(refusal.reason()).contains("trusted");
        MachineOffer enough = new MachineOffer("new", "new", "", refusal.missingBytes(), new Speed(5e10, 5e11, 0),
                true);
        assertThat(planner.afresh(new PlanInput(needs, ImmutableList.of(machine("a", 20, 50), enough),
                Preferences.stages(0), new Aim(1, true), Links.USUAL))).isInstanceOf(Planned.class);
    }

    @Test
    void many_readers_are_served_by_more_machines_than_one_reader() {
        // Arithmetic is what takes the time here: to read the weights once for all of them saves nothing.
        Speed speed = new Speed(5e10, 1e11, 0.000_1);
        MachineOffer[] machines = {machine("a", 40, 50).with(speed), machine("b", 40, 50).with(speed),
                machine("c", 40, 50).with(speed)};
        assertThat(stages(Preferences.stages(0), machines)).hasSize(1);
        PlanInput many = new PlanInput(needs, ImmutableList.copyOf(machines), Preferences.stages(0), new Aim(6, false),
                Links.USUAL);
        assertThat(((Planned) planner.afresh(many)).plan().stages()).hasSize(3);
    }

    @Test
    void sixty_four_machines_and_a_hundred_and_twenty_eight_layers_are_planned() {
        Random random = new Random(7);
        ModelNeeds large = RandomClusters.model(random, 128);
        ImmutableList<MachineOffer> machines = RandomClusters.machines(random, 64, large);
        PlanInput input = new PlanInput(large, machines, Preferences.stages(0), Aim.ONE_READER,
                RandomClusters.links(random, machines));
        long began = System.nanoTime();
        assertThat(planner.afresh(input)).isInstanceOf(Planned.class);
        System.out.println("64 machines, 128 layers, two houses: " + (System.nanoTime() - began) / 1_000_000 + " ms");
    }

    private ImmutableList<PlannedStage> stages(Preferences preferences, MachineOffer... machines) {
        return ((Planned) planner.afresh(input(preferences, machines))).plan().stages();
    }

    private PlanInput input(Preferences preferences, MachineOffer... machines) {
        return new PlanInput(needs, ImmutableList.copyOf(machines), preferences);
    }

    private static MachineOffer machine(String name, long gigabytes, double gigabytesPerSecond) {
        return new MachineOffer(name, name, name + ":1", gigabytes * GIGABYTE,
                new Speed(gigabytesPerSecond * 1e9, gigabytesPerSecond * 1e10, 0.000_1), false);
    }
}

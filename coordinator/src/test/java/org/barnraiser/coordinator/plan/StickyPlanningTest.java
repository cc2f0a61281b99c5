package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.plan.PlanOutcome.DoesNotFit;
import org.barnraiser.coordinator.plan.PlanOutcome.Planned;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What becomes of a plan when machines come and go. */
class StickyPlanningTest {
    private static final long GB = 1_000_000_000;
    private static final List<Placement> ABC = List.of(runs("a", 0, 3), runs("b", 3, 6), runs("c", 6, 9));

    private final Planner planner = new ProportionalPlanner();

    @Test
    void a_plan_whose_machines_are_all_there_is_kept_though_more_are_there_now() {
        assertThat(plan(machines("a", "b", "c", "d"), prefer(4, ABC))).containsExactly("a:0-3", "b:3-6", "c:6-9");
    }

    @Test
    void a_stand_by_takes_exactly_the_lost_stage() {
        for (String lost : List.of("a", "b", "c")) {
            String[] others = List.of("a", "b", "c", "d").stream().filter(id -> !id.equals(lost))
                    .toArray(String[]::new);
            assertThat(plan(machines(others), prefer(3, ABC)))
                    .isEqualTo(List.of("a:0-3", "b:3-6", "c:6-9").stream()
                            .map(stage -> stage.replace(lost + ":", "d:"))
                            .toList());
        }
    }

    @Test
    void who_has_the_stage_in_memory_takes_it_before_who_has_it_on_disk_before_who_has_nothing() {
        Preferences nothing = prefer(3, ABC);
        Preferences onDisk = new Preferences(3, nothing.running(), ImmutableSetMultimap.of(),
                ImmutableSetMultimap.of("f", new Layers(3, 6)), ImmutableSet.of());
        Preferences inMemory = new Preferences(3, nothing.running(),
                ImmutableSetMultimap.of("e", new Layers(3, 6), "d", new Layers(0, 3)), onDisk.held(),
                ImmutableSet.of());
        ImmutableList<MachineOffer> left = machines("a", "c", "d", "e", "f");
        assertThat(plan(left, nothing)).contains("d:3-6");
        assertThat(plan(left, onDisk)).contains("f:3-6");
        assertThat(plan(left, inMemory)).contains("e:3-6");
    }

    @Test
    void two_lost_stages_go_to_those_who_hold_them() {
        Preferences held = new Preferences(3, ImmutableList.copyOf(ABC),
                ImmutableSetMultimap.of("d", new Layers(6, 9), "e", new Layers(3, 6)), ImmutableSetMultimap.of(),
                ImmutableSet.of());
        assertThat(plan(machines("a", "d", "e"), held)).containsExactly("a:0-3", "e:3-6", "d:6-9");
    }

    @Test
    void without_a_stand_by_the_machines_that_are_left_share_the_model_and_keep_what_they_can() {
        assertThat(plan(machines("a", "c"), prefer(3, ABC))).hasSize(2).containsAnyOf("a:0-3", "c:6-9");
    }

    @Test
    void a_machine_that_was_started_again_runs_nothing_yet() {
        ImmutableList<MachineOffer> restarted = ImmutableList.of(machine("a"), machine("b"),
                new MachineOffer("c", "c-again", "c:1", 20 * GB), machine("d"));
        Preferences preparedByD = new Preferences(3, ImmutableList.copyOf(ABC),
                ImmutableSetMultimap.of("d", new Layers(6, 9)), ImmutableSetMultimap.of(), ImmutableSet.of());
        assertThat(plan(restarted, preparedByD)).containsExactly("a:0-3", "b:3-6", "d:6-9");
    }

    @Test
    void when_nobody_of_the_old_plan_is_there_the_model_is_shared_out_anew() {
        assertThat(plan(machines("x", "y"), prefer(2, ABC))).containsExactly("x:0-5", "y:5-9");
    }

    @Test
    void a_machine_that_does_not_reach_the_next_one_stands_elsewhere() {
        Preferences cut = new Preferences(3, ImmutableList.copyOf(ABC), ImmutableSetMultimap.of(),
                ImmutableSetMultimap.of(), ImmutableSet.of(new Hop("a", "b")));
        ImmutableList<String> order = plan(machines("a", "b", "c"), cut);
        assertThat(order).hasSize(3);
        assertThat(String.join(" ", order)).doesNotContainPattern("a:\\S+ b:");
    }

    @Test
    void machines_that_reach_each_other_in_no_order_work_apart() {
        Preferences cut = new Preferences(2, ImmutableList.of(), ImmutableSetMultimap.of(), ImmutableSetMultimap.of(),
                ImmutableSet.of(new Hop("a", "b"), new Hop("b", "a")));
        assertThat(plan(machines("a", "b"), cut)).containsExactly("a:0-9");
    }

    @Test
    void when_only_the_cut_ways_are_in_the_way_the_reason_says_so() {
        Preferences cut = new Preferences(2, ImmutableList.of(), ImmutableSetMultimap.of(), ImmutableSetMultimap.of(),
                ImmutableSet.of(new Hop("a", "b"), new Hop("b", "a")));
        ImmutableList<MachineOffer> small = ImmutableList.of(new MachineOffer("a", "a", "a:1", 6 * GB),
                new MachineOffer("b", "b", "b:1", 6 * GB));
        assertThat(planner.plan(new PlanInput(nineLayers(), small, cut))).isInstanceOfSatisfying(DoesNotFit.class,
                none -> assertThat(none.reason()).contains("do not reach each other"));
    }

    @Test
    void made_afresh_a_plan_grows_to_the_wanted_number_of_stages_and_moves_little() {
        List<Placement> two = List.of(runs("a", 0, 3), runs("b", 3, 9));
        PlanInput input = new PlanInput(nineLayers(), machines("a", "b", "c"), prefer(3, two));
        assertThat(words(planner.plan(input))).containsExactly("a:0-3", "b:3-9");
        assertThat(words(planner.afresh(input))).hasSize(3).contains("a:0-3");
    }

    @Test
    void a_plan_written_by_somebody_else_that_makes_no_sense_is_ignored() {
        List<Placement> nonsense = List.of(runs("a", 0, 4), runs("b", 3, 9));
        assertThat(plan(machines("a", "b"), prefer(2, nonsense))).containsExactly("a:0-5", "b:5-9");
        assertThat(plan(machines("a", "b"), prefer(2, List.of(runs("a", 0, 40), runs("b", 40, 9)))))
                .containsExactly("a:0-5", "b:5-9");
        assertThat(plan(machines("a", "b"), prefer(2, List.of(runs("a", 0, 5), runs("a", 5, 9)))))
                .as("one machine twice").containsExactly("a:0-5", "b:5-9");
    }

    private ImmutableList<String> plan(ImmutableList<MachineOffer> machines, Preferences preferences) {
        return words(planner.plan(new PlanInput(nineLayers(), machines, preferences)));
    }

    private static ImmutableList<String> words(PlanOutcome outcome) {
        return ((Planned) outcome).plan().stages().stream()
                .map(stage -> stage.machine().workerId() + ":" + stage.first() + "-" + stage.last())
                .collect(ImmutableList.toImmutableList());
    }

    private static Preferences prefer(int stages, List<Placement> running) {
        return new Preferences(stages, ImmutableList.copyOf(running), ImmutableSetMultimap.of(),
                ImmutableSetMultimap.of(), ImmutableSet.of());
    }

    private static Placement runs(String id, int first, int last) {
        return new Placement(id, new Layers(first, last));
    }

    private static ImmutableList<MachineOffer> machines(String... ids) {
        return List.of(ids).stream().map(StickyPlanningTest::machine).collect(ImmutableList.toImmutableList());
    }

    private static MachineOffer machine(String id) {
        return new MachineOffer(id, id, id + ":1", 20 * GB);
    }

    private static ModelNeeds nineLayers() {
        ImmutableLongArray sizes = ImmutableLongArray.copyOf(Collections.nCopies(9, GB));
        return new ModelNeeds(sizes, 0, 0, 0, ImmutableLongArray.copyOf(Collections.nCopies(9, 0L)), 1,
                ImmutableIntArray.copyOf(IntStream.rangeClosed(0, 9)));
    }
}

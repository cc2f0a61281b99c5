package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.barnraiser.coordinator.plan.PlanOutcome.Planned;

import static org.assertj.core.api.Assertions.assertThat;

/** Against brute force over small clusters: a model runs, some machines vanish, some ways are cut, and it is planned again. */
class StickyPlanningProperties {
    private final Planner planner = new ProportionalPlanner();

    @Property
    void no_plan_uses_a_cut_way_or_more_memory_than_there_is(@ForAll Random random,
            @ForAll @IntRange(max = 4) int stages) {
        PlanInput input = scene(random, stages, true);
        if (!(planner.plan(input) instanceof Planned(Plan plan))) {
            return;
        }
        assertThat(isLegal(input, plan.stages())).isTrue();
    }

    @Property
    void whenever_some_order_of_the_machines_fits_around_the_cuts_a_plan_is_found(@ForAll Random random,
            @ForAll @IntRange(max = 4) int stages) {
        PlanInput input = scene(random, stages, true);
        boolean exists = !input.preferences().cut().isEmpty() && !allPlans(input).isEmpty();
        if (exists) {
            assertThat(planner.plan(input)).isInstanceOf(Planned.class);
        }
    }

    @Property
    void what_can_stay_stays_and_lost_stages_cost_the_fewest_bytes(@ForAll Random random,
            @ForAll @IntRange(max = 4) int stages) {
        PlanInput input = scene(random, stages, false);
        ImmutableList<Layers> ranges = input.preferences().running().stream().map(Placement::layers)
                .collect(ImmutableList.toImmutableList());
        OptionalLong fewest = allPlans(input).stream()
                .filter(plan -> plan.stream().map(PlannedStage::layers).toList().equals(ranges))
                .filter(plan -> keepsAllThatCanStay(input, plan))
                .mapToLong(plan -> bytesToLoad(input, plan))
                .min();
        if (fewest.isEmpty() || !someoneStays(input)) {
            return;
        }
        ImmutableList<PlannedStage> stagesPlanned = ((Planned) planner.plan(input)).plan().stages();
        assertThat(stagesPlanned.stream().map(PlannedStage::layers)).isEqualTo(ranges);
        assertThat(keepsAllThatCanStay(input, stagesPlanned)).isTrue();
        assertThat(bytesToLoad(input, stagesPlanned)).isEqualTo(fewest.getAsLong());
    }

    @Property
    void made_afresh_no_plan_in_the_present_order_is_nearer_to_the_wish_or_moves_less(@ForAll Random random,
            @ForAll @IntRange(max = 4) int stages) {
        PlanInput input = scene(random, stages, false);
        if (!(planner.afresh(input) instanceof Planned(Plan plan))) {
            return;
        }
        for (List<PlannedStage> other : allPlans(input)) {
            if (!isInPresentOrder(input, other)) {
                continue;
            }
            int nearer = Integer.compare(Math.abs(other.size() - stages), Math.abs(plan.stages().size() - stages));
            assertThat(nearer).isNotNegative();
            if (nearer == 0 && other.size() == plan.stages().size()) {
                assertThat(moves(input, other)).isGreaterThanOrEqualTo(moves(input, plan.stages()));
            }
        }
    }

    private static boolean isInPresentOrder(PlanInput input, List<PlannedStage> plan) {
        List<String> order = new ArrayList<>(
                input.preferences().running().stream().map(Placement::incarnationId).toList());
        input.machines().stream().map(MachineOffer::incarnationId).filter(id -> !order.contains(id)).sorted()
                .forEach(order::add);
        List<Integer> places = plan.stream().map(stage -> order.indexOf(stage.machine().incarnationId())).toList();
        return places.equals(places.stream().sorted().toList());
    }

    private static boolean someoneStays(PlanInput input) {
        return input.preferences().running().stream().anyMatch(placement -> canStay(input, placement));
    }

    private static boolean canStay(PlanInput input, Placement placement) {
        return input.machines().stream().anyMatch(machine -> machine.incarnationId().equals(placement.incarnationId())
                && input.needs().stageBytes(placement.layers().first(), placement.layers().last()) <= machine
                        .budgetBytes());
    }

    private static boolean keepsAllThatCanStay(PlanInput input, List<PlannedStage> plan) {
        return input.preferences().running().stream().filter(placement -> canStay(input, placement))
                .allMatch(placement -> plan.stream()
                        .anyMatch(stage -> stage.machine().incarnationId().equals(placement.incarnationId())
                                && stage.layers().equals(placement.layers())));
    }

    private static long bytesToLoad(PlanInput input, List<PlannedStage> plan) {
        return plan.stream().mapToLong(stage -> input.preferences().bytesToLoad(stage.machine(), stage.layers(),
                stage.memoryBytes())).sum();
    }

    private static long moves(PlanInput input, List<PlannedStage> plan) {
        return plan.stream().filter(stage -> !input.preferences().runs(stage.machine(), stage.layers())).count();
    }

    private static boolean isLegal(PlanInput input, List<PlannedStage> plan) {
        int next = 0;
        Set<String> used = new HashSet<>();
        for (int i = 0; i < plan.size(); i++) {
            PlannedStage stage = plan.get(i);
            boolean linked = i == 0 || !input.preferences().isCut(plan.get(i - 1).machine(), stage.machine());
            if (stage.first() != next || stage.last() <= next || !input.needs().cutPoints().contains(stage.last())
                    || stage.memoryBytes() > stage.machine().budgetBytes()
                    || !used.add(stage.machine().incarnationId()) || !linked
                    || stage.memoryBytes() != input.needs().stageBytes(stage.first(), stage.last())
                    || !input.machines().contains(stage.machine())) {
                return false;
            }
            next = stage.last();
        }
        return next == input.needs().layerCount();
    }

    /** Every legal plan in every order. */
    private static List<List<PlannedStage>> allPlans(PlanInput input) {
        List<List<PlannedStage>> plans = new ArrayList<>();
        extend(input, new ArrayList<>(), 0, plans);
        return plans;
    }

    private static void extend(PlanInput input, List<PlannedStage> begun, int first, List<List<PlannedStage>> plans) {
        if (first == input.needs().layerCount()) {
            plans.add(List.copyOf(begun));
            return;
        }
        for (MachineOffer machine : input.machines()) {
            boolean taken = begun.stream().anyMatch(stage -> stage.machine().equals(machine));
            if (taken || (!begun.isEmpty() && input.preferences().isCut(begun.getLast().machine(), machine))) {
                continue;
            }
            input.needs().cutPoints().stream().filter(cut -> cut > first).forEach(cut -> {
                long bytes = input.needs().stageBytes(first, cut);
                if (bytes <= machine.budgetBytes()) {
                    begun.add(new PlannedStage(machine, first, cut, bytes));
                    extend(input, begun, cut, plans);
                    begun.removeLast();
                }
            });
        }
    }

    /** A model that was split over some machines, of which not all are there any more, and others that have come. */
    private static PlanInput scene(Random random, int stages, boolean cuts) {
        int layers = 3 + random.nextInt(3);
        ModelNeeds needs = new ModelNeeds(randomBytes(random, layers), random.nextInt(40), random.nextInt(40),
                random.nextInt(5), ImmutableLongArray.copyOf(IntStream.range(0, layers).mapToLong(_ -> 0)), 1,
                ImmutableIntArray.copyOf(IntStream.rangeClosed(0, layers)));
        List<MachineOffer> all = IntStream.range(0, 5).mapToObj(
                i -> new MachineOffer("m" + i, "m" + i, "h:" + i, 50 + random.nextInt(400))).toList();
        ImmutableList.Builder<Placement> running = ImmutableList.builder();
        int first = 0;
        for (int i = 0; i < 3 && first < layers; i++) {
            int last = i == 2 ? layers : Math.min(layers, first + 1 + random.nextInt(2));
            running.add(new Placement("m" + i, new Layers(first, last)));
            first = last;
        }
        ImmutableList<Placement> placements = running.build();
        ImmutableSetMultimap.Builder<String, Layers> prepared = ImmutableSetMultimap.builder();
        ImmutableSetMultimap.Builder<String, Layers> held = ImmutableSetMultimap.builder();
        for (MachineOffer machine : all) {
            for (Placement placement : placements) {
                (random.nextInt(5) == 0 ? prepared : held).put(
                        random.nextInt(3) == 0 ? machine.incarnationId() : "nobody", placement.layers());
            }
        }
        ImmutableSet.Builder<Hop> cut = ImmutableSet.builder();
        for (int i = 0; cuts && i < 1 + random.nextInt(6); i++) {
            cut.add(new Hop("m" + random.nextInt(5), "m" + random.nextInt(5)));
        }
        ImmutableList<MachineOffer> present = all.stream().filter(_ -> random.nextInt(4) > 0)
                .collect(ImmutableList.toImmutableList());
        return new PlanInput(needs, present,
                new Preferences(stages, placements, prepared.build(), held.build(), cut.build()));
    }

    private static ImmutableLongArray randomBytes(Random random, int count) {
        return ImmutableLongArray.copyOf(IntStream.range(0, count).mapToLong(_ -> 1 + random.nextInt(100)));
    }
}

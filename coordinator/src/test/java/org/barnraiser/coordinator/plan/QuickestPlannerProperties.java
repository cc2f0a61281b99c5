package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.barnraiser.coordinator.plan.PlanOutcome.Planned;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/** Against brute force where that is possible, and against the exact optimum of equal layers where it is not. */
class QuickestPlannerProperties {
    /** A plan that is even is taken where it is no more than this slower. */
    private static final double EVEN = 1.0051;

    private final Planner planner = new QuickestPlanner();
    private final Planner proportional = new ProportionalPlanner();

    @Property(tries = 300)
    void for_one_reader_no_plan_of_all_there_are_is_quicker(@ForAll Random random,
            @ForAll @IntRange(min = 1, max = 4) int machines, @ForAll @IntRange(min = 1, max = 6) int layers,
            @ForAll boolean houses, @ForAll boolean trustedEnds) {
        PlanInput input = small(random, machines, layers, houses, new Aim(1, trustedEnds), 0);
        double least = AllPlans.leastSeconds(input, 0);
        if (planner.afresh(input) instanceof Planned(Plan plan)) {
            assertThat(AllPlans.of(input)).contains(plan.stages());
            assertThat(OrderSearch.seconds(input, plan.stages())).isLessThanOrEqualTo(least * EVEN);
        } else {
            assertThat(least).isInfinite();
        }
    }

    @Property(tries = 1000)
    void for_many_readers_no_plan_gives_two_percent_more(@ForAll Random random,
            @ForAll @IntRange(min = 1, max = 4) int machines, @ForAll @IntRange(min = 1, max = 6) int layers,
            @ForAll @IntRange(min = 2, max = 9) int readers, @ForAll boolean houses) {
        PlanInput input = small(random, machines, layers, houses, new Aim(readers, false), 0);
        if (planner.afresh(input) instanceof Planned(Plan plan)) {
            assertThat(OrderSearch.seconds(input, plan.stages()))
                    .isLessThanOrEqualTo(AllPlans.leastSeconds(input, 0) * 1.02);
        }
    }

    @Property(tries = 200)
    void a_wish_for_a_number_of_stages_is_met_in_the_quickest_way(@ForAll Random random,
            @ForAll @IntRange(min = 1, max = 4) int machines, @ForAll @IntRange(min = 1, max = 5) int layers,
            @ForAll @IntRange(min = 1, max = 4) int stages) {
        PlanInput input = small(random, machines, layers, false, Aim.ONE_READER, stages);
        if (proportional.afresh(input) instanceof Planned(Plan even)
                && planner.afresh(input) instanceof Planned(Plan plan)) {
            assertThat(plan.stages()).hasSameSizeAs(even.stages());
            assertThat(OrderSearch.seconds(input, plan.stages()))
                    .isLessThanOrEqualTo(AllPlans.leastSeconds(input, even.stages().size()) * EVEN);
        }
    }

    @Property(tries = 300)
    void the_reference_for_equal_layers_is_what_brute_force_finds(@ForAll Random random,
            @ForAll @IntRange(min = 1, max = 4) int machines, @ForAll @IntRange(min = 1, max = 6) int layers) {
        ModelNeeds needs = RandomClusters.model(random, layers);
        PlanInput input = new PlanInput(needs, RandomClusters.machines(random, machines, needs), Preferences.stages(0));
        double least = AllPlans.leastSeconds(input, 0);
        double reference = LeastSeconds.of(needs, input.machines(), Links.USUAL);
        if (Double.isInfinite(least)) {
            assertThat(reference).isInfinite();
        } else {
            assertThat(reference).isCloseTo(least, within(least * 1e-9));
        }
    }

    @Property(tries = 1000)
    void in_a_thousand_random_clusters_it_is_never_slower_than_proportional_nor_two_percent_off_the_optimum(
            @ForAll Random random) {
        ModelNeeds needs = RandomClusters.model(random, 4 + (int) (124 * Math.pow(random.nextDouble(), 3)));
        // Mostly few, up to 64.
        int count = 1 + (int) (64 * Math.pow(random.nextDouble(), 3));
        PlanInput input = new PlanInput(needs, RandomClusters.machines(random, count, needs), Preferences.stages(0));
        double least = LeastSeconds.of(needs, input.machines(), Links.USUAL);
        if (planner.afresh(input) instanceof Planned(Plan plan)) {
            double found = OrderSearch.seconds(input, plan.stages());
            assertThat(found).isLessThanOrEqualTo(least * 1.02);
            if (proportional.afresh(input) instanceof Planned(Plan even)) {
                assertThat(found).isLessThanOrEqualTo(OrderSearch.seconds(input, even.stages()) * (1 + 1e-9));
            }
        } else {
            assertThat(least).isInfinite();
        }
    }

    @Property(tries = 500)
    void for_equal_layers_the_order_by_roles_alone_holds_the_optimum(@ForAll Random random,
            @ForAll @IntRange(min = 1, max = 12) int machines, @ForAll @IntRange(min = 1, max = 30) int layers) {
        ModelNeeds needs = RandomClusters.model(random, layers);
        PlanInput input = new PlanInput(needs, RandomClusters.machines(random, machines, needs), Preferences.stages(0));
        StageSizes sizes = new StageSizes(needs);
        StageSeconds steps = new StageSeconds(needs, 1);
        double least = LeastSeconds.of(needs, input.machines(), Links.USUAL);
        double found = new RoleOrder(input, sizes, steps).find()
                .flatMap(order -> new OrderedSplit(input, sizes, steps, order, OrderedSplit.Sum.ALL)
                        .best(Double.POSITIVE_INFINITY))
                .map(stages -> OrderSearch.seconds(input, stages)).orElse(Double.POSITIVE_INFINITY);
        assertThat(found).isLessThanOrEqualTo(least * (1 + 1e-9));
    }

    @Property(tries = 30)
    void nor_is_it_slower_than_a_proportional_split_over_all_machines(@ForAll Random random,
            @ForAll @IntRange(min = 2, max = 24) int machines, @ForAll boolean houses) {
        ModelNeeds needs = RandomClusters.unevenModel(random, 24);
        ImmutableList<MachineOffer> offers = RandomClusters.machines(random, machines, needs);
        Links links = houses ? RandomClusters.links(random, offers) : Links.USUAL;
        PlanInput input = new PlanInput(needs, offers, Preferences.stages(0), Aim.ONE_READER, links);
        PlanInput over = new PlanInput(needs, offers, Preferences.stages(machines), Aim.ONE_READER, links);
        if (planner.afresh(input) instanceof Planned(Plan plan)
                && proportional.afresh(over) instanceof Planned(Plan all)) {
            assertThat(OrderSearch.seconds(input, plan.stages()))
                    .isLessThanOrEqualTo(OrderSearch.seconds(input, all.stages()) * EVEN);
        }
    }

    private static PlanInput small(Random random, int machines, int layers, boolean houses, Aim aim, int stages) {
        ModelNeeds needs = RandomClusters.unevenModel(random, layers);
        ImmutableList<MachineOffer> offers = RandomClusters.machines(random, machines, needs);
        return new PlanInput(needs, offers, Preferences.stages(stages), aim,
                houses ? RandomClusters.links(random, offers) : Links.USUAL);
    }
}

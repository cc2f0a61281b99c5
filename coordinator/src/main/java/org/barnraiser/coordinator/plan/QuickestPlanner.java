package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.plan.PlanOutcome.Planned;

/**
 * Makes the plan that is quickest for what it is made for, where the speeds of all machines are known; else parts in proportion to
 * memory. What runs stays where it is unless moving gains a good deal.
 */
public final class QuickestPlanner implements Planner {
    /** Moving costs readers a pause, and speeds are known roughly only. */
    private static final double WORTH_MOVING = 0.15;
    /** Less is not noticed; the plan that fills machines evenly is taken then. */
    private static final double WORTH_BEING_UNEVEN = 0.005;

    private final Planner proportional = new ProportionalPlanner();

    @Override
    public PlanOutcome plan(PlanInput input) {
        StageSizes sizes = new StageSizes(input.needs());
        return Substitution.find(sizes, input.checked(sizes))
                .<PlanOutcome>map(Planned::new)
                .orElseGet(() -> afresh(input));
    }

    @Override
    public PlanOutcome afresh(PlanInput input) {
        PlanOutcome even = proportional.afresh(input);
        if (!input.machines().stream().allMatch(machine -> machine.speed().isKnown())) {
            return even;
        }
        StageSizes sizes = new StageSizes(input.needs());
        PlanInput checked = input.checked(sizes);
        int wish = checked.preferences().stages();
        List<ImmutableList<PlannedStage>> known = new ArrayList<>();
        stages(even).ifPresent(known::add);
        // A wish for a number of stages is met as nearly as memory allows, which the even plan tells.
        int count = wish > 0 && !known.isEmpty() ? known.getFirst().size() : 0;
        ImmutableList<PlannedStage> quickest = new OrderSearch(checked, sizes, count).search(known);
        if (quickest.isEmpty()) {
            return even;
        }
        Planned quick = new Planned(new Plan(quickest));
        if (!(even instanceof Planned(Plan evenPlan))) {
            return quick;
        }
        double gain = 1 - OrderSearch.seconds(checked, quickest) / OrderSearch.seconds(checked, evenPlan.stages());
        return gain > (checked.preferences().running().isEmpty() ? WORTH_BEING_UNEVEN : WORTH_MOVING) ? quick : even;
    }

    private static Optional<ImmutableList<PlannedStage>> stages(PlanOutcome outcome) {
        return outcome instanceof Planned(Plan plan) ? Optional.of(plan.stages()) : Optional.empty();
    }
}

package org.barnraiser.coordinator.plan;

/** Decides which machine runs which layer range. Pure: equal inputs give equal outcomes. */
public interface Planner {

    /**
     * The plan that runs soonest: as many stages as possible stay where they are, even where {@link #afresh} would decide
     * otherwise.
     */
    PlanOutcome plan(PlanInput input);

    /** The plan one would make with leisure: a number of stages as near as possible to the wanted one, then the fewest moves. */
    PlanOutcome afresh(PlanInput input);
}

package org.barnraiser.coordinator.plan;

/** Decides which machine runs which layer range. Pure: equal inputs give equal outcomes. */
public interface Planner {
    PlanOutcome plan(PlanInput input);
}

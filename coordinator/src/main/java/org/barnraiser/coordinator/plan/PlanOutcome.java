package org.barnraiser.coordinator.plan;

/** What a planner found. */
public sealed interface PlanOutcome {

    /** Every layer has its machine. */
    record Planned(Plan plan) implements PlanOutcome {}

    /**
     * The machines that are there cannot hold the model.
     *
     * @param missingBytes memory that one machine more, at the best place in the pipeline, would have to lend; at least 1
     * @param reason one sentence in plain words
     */
    record DoesNotFit(long missingBytes, String reason) implements PlanOutcome {}
}

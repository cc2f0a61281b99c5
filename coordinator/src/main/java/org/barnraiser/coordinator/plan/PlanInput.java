package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;

/**
 * What a plan is made of.
 *
 * @param needs what the model takes
 * @param machines the machines that are there, in any order
 * @param preferences what speaks for one plan rather than another
 */
public record PlanInput(ModelNeeds needs, ImmutableList<MachineOffer> machines, Preferences preferences) {

    /** The same, but for a plan before that does not hold the whole model, once and at legal cuts: nothing is kept of it. */
    PlanInput checked(StageSizes sizes) {
        return sizes.isWhole(preferences.running().stream().map(Placement::layers).toList())
                ? this
                : new PlanInput(needs, machines, preferences.withoutRunning());
    }
}

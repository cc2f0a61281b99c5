package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;

/**
 * What a plan is made of.
 *
 * @param needs what the model takes
 * @param machines the machines that are there, in any order
 * @param preferences what speaks for one plan rather than another
 * @param aim what it is made for
 * @param links the ways between the machines
 */
public record PlanInput(ModelNeeds needs, ImmutableList<MachineOffer> machines, Preferences preferences, Aim aim,
        Links links) {

    /** For one reader, over ways of which nothing is known. */
    public PlanInput(ModelNeeds needs, ImmutableList<MachineOffer> machines, Preferences preferences) {
        this(needs, machines, preferences, Aim.ONE_READER, Links.USUAL);
    }

    /** The same, but for a plan before that does not hold the whole model, once and at legal cuts: nothing is kept of it. */
    PlanInput checked(StageSizes sizes) {
        return sizes.isWhole(preferences.running().stream().map(Placement::layers).toList())
                ? this
                : with(preferences.withoutRunning());
    }

    /** The same, as if nobody knew how fast machines are. */
    public PlanInput withoutSpeeds() {
        return new PlanInput(needs, machines.stream().map(machine -> machine.with(Speed.UNKNOWN))
                .collect(ImmutableList.toImmutableList()), preferences, aim, links);
    }

    PlanInput with(Preferences other) {
        return new PlanInput(needs, machines, other, aim, links);
    }
}

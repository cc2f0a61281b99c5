package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;

/**
 * What a plan is made of.
 *
 * @param needs what the model takes
 * @param machines the machines that are there, in any order
 */
public record PlanInput(ModelNeeds needs, ImmutableList<MachineOffer> machines) {}

package org.barnraiser.coordinator.cluster;

/**
 * The running plan with other cuts.
 *
 * @param gain part of a token's time that it saves
 * @param savedSeconds what that is
 */
record Recut(Proposal proposal, double gain, double savedSeconds) {}

package org.barnraiser.coordinator.schedule;

/**
 * How the answers of this coordinator are getting on.
 *
 * @param running answers that a runner has, those included that wait there for a slot
 * @param paused answers that wait for a runner
 * @param generatedTokensTotal tokens that readers received
 * @param takeoversTotal runners that were attached after the first one
 */
public record GenerationStatistics(int running, int paused, long generatedTokensTotal, long takeoversTotal) {}

package org.barnraiser.coordinator.schedule;

import java.util.List;

/**
 * What one pipeline is doing and has done since it began.
 *
 * @param running sequences that have a slot
 * @param waiting sequences that wait for one
 * @param stepsInFlight steps sent and not yet answered
 * @param stepsTotal steps answered, failed ones included
 * @param failedStepsTotal steps that a stage failed
 * @param promptTokensTotal prompt tokens computed
 * @param reusedTokensTotal tokens that were in the caches already when a sequence began
 * @param keptTokens tokens that the caches hold of sequences that have ended
 * @param generatedTokensTotal tokens that readers received
 * @param draftedTokensTotal tokens that were guessed ahead
 * @param acceptedTokensTotal those of them that were right
 * @param stages by position in the pipeline, head first; as many as have reported
 */
public record PipelineStatistics(int running, int waiting, int stepsInFlight, long stepsTotal, long failedStepsTotal,
        long promptTokensTotal, long reusedTokensTotal, int keptTokens, long generatedTokensTotal,
        long draftedTokensTotal, long acceptedTokensTotal, List<StageTotals> stages) {

    /** Time that one stage spent: computing, and holding steps that waited for its engine. */
    public record StageTotals(long computeMicrosTotal, long queueMicrosTotal) {}
}

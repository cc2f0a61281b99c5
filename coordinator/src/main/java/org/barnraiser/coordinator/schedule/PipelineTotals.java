package org.barnraiser.coordinator.schedule;

import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.schedule.PipelineStatistics.StageTotals;
import org.barnraiser.coordinator.schedule.SentStep.SentSpan;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.StageTiming;
import org.barnraiser.proto.StepResult;

/** Counts what a pipeline has done. */
final class PipelineTotals {
    /** No pipeline is this long; an index beyond it is not believed. */
    private static final int MAX_STAGES = 1024;

    private long steps;
    private long failedSteps;
    private long promptTokens;
    private long reusedTokens;
    private long generatedTokens;
    private long draftedTokens;
    private long acceptedTokens;
    private final List<StageTotals> stages = new ArrayList<>();

    void count(SentStep step, StepResult result) {
        steps++;
        if (result.hasFailure()) {
            failedSteps++;
        } else {
            promptTokens += step.spans().stream().mapToInt(SentSpan::promptTokenCount).sum();
        }
        result.getTimingsList().forEach(this::count);
    }

    void countReusedTokens(int tokens) {
        reusedTokens += tokens;
    }

    /** What came of the drafts of a span, if it had any. */
    void countDrafts(SentSpan span, SpanResult answer) {
        int drafts = span.drafts().length();
        if (drafts == 0) {
            return;
        }
        int right = 0;
        while (right < Math.min(drafts, answer.getSampledCount())
                && answer.getSampled(right).getToken() == span.drafts().get(right)) {
            right++;
        }
        draftedTokens += drafts;
        acceptedTokens += right;
        span.sequence().judgeDrafts(drafts, right);
        span.sequence().listener().onGuessed(drafts, right);
    }

    void countGeneratedToken() {
        generatedTokens++;
    }

    private void count(StageTiming timing) {
        int stage = timing.getStageIndex();
        if (stage < 0 || stage >= MAX_STAGES) {
            return;
        }
        while (stages.size() <= stage) {
            stages.add(new StageTotals(0, 0));
        }
        StageTotals before = stages.get(stage);
        stages.set(stage, new StageTotals(before.computeMicrosTotal() + timing.getComputeMicros(),
                before.queueMicrosTotal() + timing.getQueueMicros()));
    }

    PipelineStatistics snapshot(int running, int waiting, int stepsInFlight, int keptTokens) {
        return new PipelineStatistics(running, waiting, stepsInFlight, steps, failedSteps, promptTokens,
                reusedTokens, keptTokens, generatedTokens, draftedTokens, acceptedTokens, List.copyOf(stages));
    }
}

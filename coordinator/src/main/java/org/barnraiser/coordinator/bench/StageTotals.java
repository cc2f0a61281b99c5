package org.barnraiser.coordinator.bench;

import com.google.common.collect.ImmutableList;
import java.util.stream.IntStream;

import static com.google.common.collect.ImmutableList.toImmutableList;

/** What the stages have done, as /api/cluster tells; empty for an endpoint that does not tell. */
public record StageTotals(ImmutableList<Stage> stages) {

    /** One stage. */
    public record Stage(String worker, long steps, double computeSeconds) {
        /** What a step took on average; 0 when there was none. */
        public double stepMillis() {
            return steps == 0 ? 0 : computeSeconds * 1e3 / steps;
        }
    }

    /** Since then; nothing when it is another pipeline. */
    StageTotals minus(StageTotals before) {
        if (before.stages.size() != stages.size() || IntStream.range(0, stages.size())
                .anyMatch(index -> stages.get(index).steps() < before.stages.get(index).steps())) {
            return new StageTotals(ImmutableList.of());
        }
        return new StageTotals(IntStream.range(0, stages.size()).mapToObj(index -> {
            Stage now = stages.get(index);
            Stage then = before.stages.get(index);
            return new Stage(now.worker(), now.steps() - then.steps(), now.computeSeconds() - then.computeSeconds());
        }).collect(toImmutableList()));
    }
}

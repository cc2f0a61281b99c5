package org.barnraiser.coordinator.bench;

import com.google.common.collect.ImmutableList;

/**
 * What came of a scenario.
 *
 * @param groups in the scenario's order
 * @param seconds from the first question to the last word
 * @param stages what they did meanwhile; empty when it is not known
 */
public record LoadResult(ImmutableList<GroupResult> groups, double seconds, StageTotals stages) {
    public double tokensPerSecond() {
        return groups.stream().mapToInt(GroupResult::tokens).sum() / seconds;
    }

    /** Part of the time in which a stage computed. */
    public double busyShare(StageTotals.Stage stage) {
        return stage.computeSeconds() / seconds;
    }

    /** Of the stage that computed longest; 0 when it is not known. */
    public double busiestShare() {
        return stages.stages().stream().mapToDouble(this::busyShare).max().orElse(0);
    }

    /** What a step took on all stages together, without the ways between them; 0 when it is not known. */
    public double computeMillisPerStep() {
        return stages.stages().stream().mapToDouble(StageTotals.Stage::stepMillis).sum();
    }
}

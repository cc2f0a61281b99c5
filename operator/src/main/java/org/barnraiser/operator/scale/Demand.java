package org.barnraiser.operator.scale;

import org.barnraiser.operator.watch.ClusterReport;

/**
 * What a cluster is asked for, and how it copes.
 *
 * @param known whether a coordinator answers; nothing else counts otherwise
 * @param lacking whether the model does not fit on the machines, though all that were wanted are there
 * @param stages of one pipeline that run on workers that count; 0 while the model is not ready
 * @param busiest stage's busy share, from 0 to 1
 */
public record Demand(boolean known, boolean lacking, int stages, int running, int waiting, double tokensPerSecond,
        double busiest) {
    public static final Demand UNKNOWN = new Demand(false, false, 0, 0, 0, 0, 0);

    /**
     * As a coordinator tells it.
     *
     * @param allHere whether all wanted workers are registered
     * @param stages of all pipelines that run on pods
     */
    public static Demand of(ClusterReport report, boolean allHere, int stages) {
        return new Demand(true, allHere && report.missing().isPresent(),
                report.ready() ? Math.ceilDiv(stages, Math.max(1, report.pipelines())) : 0, report.running(),
                report.waiting(), report.tokensPerSecond(), report.busiest());
    }

    boolean isIdle() {
        return running == 0 && waiting == 0;
    }
}

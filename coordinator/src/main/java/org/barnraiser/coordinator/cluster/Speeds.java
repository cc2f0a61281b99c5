package org.barnraiser.coordinator.cluster;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.coordinator.plan.Layers;
import org.barnraiser.coordinator.schedule.PipelineStatistics;
import org.barnraiser.coordinator.schedule.PipelineStatistics.StageTotals;

/**
 * How fast machines are, and what that means for the time of one token: the sum over the stages of what each takes for its layers,
 * and a little for each hop. Owned by the event loop.
 */
final class Speeds {
    /** A hop within a house; between houses it is more, but a substitute has as many hops as who it stands in for. */
    private static final double HOP_MICROS = 500;
    /** Fewer steps say little. */
    private static final int MIN_STEPS = 8;
    /** Stand-bys are measured with one token at a time, so a step that many readers share is not to be held against them. */
    private static final double MOST_TOKENS_PER_STEP = 1.5;

    /** For one token and one layer, by incarnation. */
    private final Map<String, Double> layerMicros = new HashMap<>();
    private PipelineStatistics before = new PipelineStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, List.of());

    /**
     * A machine takes a stage's place.
     *
     * @param gain part of a token's time that this saves
     * @param savedMicros what that is
     */
    record Exchange(int stage, String incarnationId, double gain, double savedMicros) {}

    /** A pipeline begins, whose statistics begin at zero. */
    void restart() {
        before = new PipelineStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, List.of());
    }

    /** A machine was measured with some layers. */
    void measured(String incarnationId, Layers layers, long decodeMicros) {
        layerMicros.put(incarnationId, (double) decodeMicros / (layers.last() - layers.first()));
    }

    /** What the stages of a running pipeline took since the last call, if each step held about one token; the quickest time counts. */
    void observe(Rollout rollout, PipelineStatistics now) {
        long steps = now.stepsTotal() - before.stepsTotal();
        if (steps < MIN_STEPS) {
            return;
        }
        if (tokens(now) - tokens(before) > steps * MOST_TOKENS_PER_STEP) {
            before = now;
            return;
        }
        for (int i = 0; i < Math.min(rollout.stages().size(), now.stages().size()); i++) {
            StageTotals was = i < before.stages().size() ? before.stages().get(i) : new StageTotals(0, 0);
            Layers layers = rollout.stages().get(i).layers();
            double micros = (double) (now.stages().get(i).computeMicrosTotal() - was.computeMicrosTotal()) / steps
                    / (layers.last() - layers.first());
            layerMicros.merge(rollout.stages().get(i).worker().getIncarnationId(), micros, Math::min);
        }
        before = now;
    }

    private static long tokens(PipelineStatistics statistics) {
        return statistics.promptTokensTotal() + statistics.generatedTokensTotal() + statistics.draftedTokensTotal()
                - statistics.acceptedTokensTotal();
    }

    /** The exchange of one stage's machine for one of these stand-bys that gains most; empty as long as too little is known. */
    Optional<Exchange> best(Rollout rollout, List<String> standbys) {
        double total = HOP_MICROS * rollout.stages().size();
        for (Rollout.Stage stage : rollout.stages()) {
            Double micros = layerMicros.get(stage.worker().getIncarnationId());
            if (micros == null) {
                return Optional.empty();
            }
            total += micros * length(stage);
        }
        Exchange best = null;
        for (String standby : standbys) {
            Double micros = layerMicros.get(standby);
            for (int i = 0; micros != null && i < rollout.stages().size(); i++) {
                Rollout.Stage stage = rollout.stages().get(i);
                double saved = (layerMicros.getOrDefault(stage.worker().getIncarnationId(), 0.0) - micros)
                        * length(stage);
                if (best == null || saved / total > best.gain()) {
                    best = new Exchange(i, standby, saved / total, saved);
                }
            }
        }
        return Optional.ofNullable(best);
    }

    private static int length(Rollout.Stage stage) {
        return stage.layers().last() - stage.layers().first();
    }
}

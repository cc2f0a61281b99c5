package org.barnraiser.coordinator.schedule;

import java.util.ArrayList;
import java.util.List;
import org.barnraiser.proto.StageTiming;

/**
 * What is known of the time that a pipeline's steps take: each stage's curve, and that of the ways between them, which large steps keep
 * busy for longer where a line is thin.
 */
final class StepTimes {
    /** No pipeline is this long; an index beyond it is not believed. */
    private static final int MAX_STAGES = 1024;
    private static final long MAX_MICROS = 3_600_000_000L;

    private final List<StageCurve> stages = new ArrayList<>();
    private final StageCurve way = StageCurve.ofWays();
    /** Of the steps seen; 0 while there are none. */
    private int fewestTokens;
    private int mostTokens;

    /**
     * A step has come back.
     *
     * @param tokens of it
     * @param roundTripMicros from sending it to its result
     */
    void learn(int tokens, List<StageTiming> timings, long roundTripMicros) {
        if (tokens == 0 || timings.isEmpty()) {
            return;
        }
        long insideMicros = 0;
        for (StageTiming timing : timings) {
            long computeMicros = Math.clamp(timing.getComputeMicros(), 0, MAX_MICROS);
            insideMicros += computeMicros + Math.clamp(timing.getQueueMicros(), 0, MAX_MICROS);
            if (timing.getStageIndex() >= 0 && timing.getStageIndex() < MAX_STAGES) {
                curve(timing.getStageIndex()).learn(tokens, computeMicros);
            }
        }
        way.learn(tokens, Math.max(0, roundTripMicros - insideMicros));
        fewestTokens = fewestTokens == 0 ? tokens : Math.min(fewestTokens, tokens);
        mostTokens = Math.max(mostTokens, tokens);
    }

    private StageCurve curve(int index) {
        while (stages.size() <= index) {
            stages.add(StageCurve.ofStage());
        }
        return stages.get(index);
    }

    boolean isEmpty() {
        return mostTokens == 0;
    }

    /** Whether a step of about so many tokens was seen. */
    boolean hasSeen(int tokens) {
        return !stages.isEmpty() && stages.getFirst().hasSeen(tokens);
    }

    /** Whether steps of about so many tokens were seen often enough to go by. */
    boolean knows(int tokens) {
        return !stages.isEmpty() && stages.getFirst().knows(tokens);
    }

    /** From sending a step of so many tokens into an empty pipeline to its result. */
    double crossMicros(int tokens) {
        return Math.max(1, way.micros(fewestTokens) + transferMicros(tokens)
                + stages.stream().mapToDouble(stage -> stage.micros(tokens)).sum());
    }

    /** The time that such a step keeps the slowest stage busy, or the ways together: the least between two of them. */
    double slowestMicros(int tokens) {
        return Math.max(Math.max(1, transferMicros(tokens)),
                stages.stream().mapToDouble(stage -> stage.micros(tokens)).max().orElse(0));
    }

    /** What such a step takes longer on its ways than the smallest one: what of it the lines can carry at a time. */
    private double transferMicros(int tokens) {
        double known = way.micros(Math.min(tokens, mostTokens)) - way.micros(fewestTokens);
        return tokens <= mostTokens ? known : known * tokens / mostTokens;
    }
}

package org.barnraiser.coordinator.schedule;

import java.util.ArrayList;
import java.util.List;
import org.barnraiser.proto.StageTiming;

/** What is known of the time that a pipeline's steps take: each stage's curve, and the way between them. */
final class StepTimes {
    /** No pipeline is this long; an index beyond it is not believed. */
    private static final int MAX_STAGES = 1024;
    private static final long MAX_MICROS = 3_600_000_000L;
    private static final int WAY_MEMORY = 16;

    private final List<StageCurve> stages = new ArrayList<>();
    private double wayMicros;
    private boolean knowsWay;

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
        double way = Math.max(0, roundTripMicros - insideMicros);
        wayMicros = knowsWay ? wayMicros + (Math.min(way, 3 * wayMicros + 1000) - wayMicros) / WAY_MEMORY : way;
        knowsWay = true;
    }

    private StageCurve curve(int index) {
        while (stages.size() <= index) {
            stages.add(new StageCurve());
        }
        return stages.get(index);
    }

    boolean isEmpty() {
        return !knowsWay;
    }

    /** Whether a step of about so many tokens was seen. */
    boolean hasSeen(int tokens) {
        return !stages.isEmpty() && stages.getFirst().hasSeen(tokens);
    }

    /** From sending a step of so many tokens into an empty pipeline to its result. */
    double crossMicros(int tokens) {
        return Math.max(1, wayMicros + stages.stream().mapToDouble(stage -> stage.micros(tokens)).sum());
    }

    /** The time that the slowest stage computes such a step: the least between two of them. */
    double slowestMicros(int tokens) {
        return Math.max(1, stages.stream().mapToDouble(stage -> stage.micros(tokens)).max().orElse(0));
    }
}

package org.barnraiser.coordinator.schedule;

import com.google.common.base.Ticker;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.StageTiming;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;

/** Equal stages that take a given time for a step, in a time of their own; they say the same token again and again. */
final class PacedPipeline extends Ticker {
    static final int STAGES = 2;
    private static final int TOKEN = 1_000_000;
    /** Milliseconds of a whole small model on a processor, which llama.cpp computes with different kernels. */
    static final IntToDoubleFunction PROCESSOR = interpolated(new int[]{1, 2, 4, 8, 16, 32},
            new double[]{10, 41, 43, 54, 96, 199});
    /** Milliseconds of a whole model on a graphics card, where reading the weights takes the time. */
    static final IntToDoubleFunction CARD = tokens -> Math.max(20, 0.25 * tokens + 18);

    private final int stages;
    private final IntToDoubleFunction stageMicros;
    private final long linkMicros;
    private final long tokenMicros;
    private final long[] lineFreeAtMicros;
    private final long[] freeAtMicros;
    private final Deque<Arrival> results = new ArrayDeque<>();
    private long nowMicros;

    private record Arrival(long micros, StepResult result) {}

    /**
     * A pipeline.
     *
     * @param modelMillis for all layers, by the tokens of a step
     * @param linkMicros of each way: to the head, between stages, and from the tail
     */
    PacedPipeline(IntToDoubleFunction modelMillis, long linkMicros) {
        this(modelMillis, linkMicros, 0);
    }

    /** @param tokenMicros for which each token of a step keeps a line between stages busy */
    PacedPipeline(IntToDoubleFunction modelMillis, long linkMicros, long tokenMicros) {
        this(STAGES, modelMillis, linkMicros, tokenMicros);
    }

    /** @param stages that the model is split over, evenly */
    PacedPipeline(int stages, IntToDoubleFunction modelMillis, long linkMicros, long tokenMicros) {
        this.stages = stages;
        lineFreeAtMicros = new long[stages];
        freeAtMicros = new long[stages];
        this.tokenMicros = tokenMicros;
        stageMicros = tokens -> 1000 * modelMillis.applyAsDouble(tokens) / stages;
        this.linkMicros = linkMicros;
    }

    @Override
    public long read() {
        return 1000 * nowMicros;
    }

    long nowMicros() {
        return nowMicros;
    }

    /** Sends all that the driver has, and then waits for the next result. */
    void turn(Driver driver) {
        for (Optional<Step> step = driver.nextStep(); step.isPresent(); step = driver.nextStep()) {
            send(step.get());
        }
        Arrival next = results.remove();
        nowMicros = Math.max(nowMicros, next.micros());
        driver.onResult(next.result());
    }

    /** Sends all that the driver has, and then waits for the next result, but no longer than until then. */
    void turn(Driver driver, long untilMicros) {
        for (Optional<Step> step = driver.nextStep(); step.isPresent(); step = driver.nextStep()) {
            send(step.get());
        }
        if (results.isEmpty() || results.peek().micros() > untilMicros) {
            nowMicros = Math.max(nowMicros, untilMicros);
        } else {
            turn(driver);
        }
    }

    private void send(Step step) {
        StepResult.Builder result = StepResult.newBuilder().setEpoch(step.getEpoch()).setNumber(step.getNumber());
        long compute = step.getTokensCount() == 0 ? 0 : (long) stageMicros.applyAsDouble(step.getTokensCount());
        long at = nowMicros + linkMicros;
        for (int stage = 0; stage < stages; stage++) {
            long begin = Math.max(at, freeAtMicros[stage]);
            result.addTimings(StageTiming.newBuilder().setStageIndex(stage).setComputeMicros(compute)
                    .setQueueMicros(begin - at));
            freeAtMicros[stage] = begin + compute;
            long sent = freeAtMicros[stage];
            if (stage + 1 < stages) {
                lineFreeAtMicros[stage] = Math.max(sent, lineFreeAtMicros[stage]) + tokenMicros * step.getTokensCount();
                sent = lineFreeAtMicros[stage];
            }
            at = sent + linkMicros;
        }
        for (Span span : step.getSpansList()) {
            if (span.getWanted() != Span.Wanted.NOTHING) {
                SpanResult.Builder said = SpanResult.newBuilder().setSlot(span.getSlot());
                for (int ahead = span.getDraftCount(); ahead >= 0; ahead--) {
                    said.addSampled(SampledToken.newBuilder().setToken(TOKEN)
                            .setPosition(span.getStartPosition() + span.getTokenCount() - ahead));
                }
                result.addSpans(said);
            }
        }
        results.add(new Arrival(at, result.build()));
    }

    /** The most tokens per second that so many readers can get, whatever the size of groups. */
    double bound(int readers) {
        double best = 0;
        for (int group = 1; group <= readers; group++) {
            double micros = stageMicros.applyAsDouble(group);
            best = Math.max(best,
                    Math.min(readers / (stages * micros + (stages + 1) * linkMicros), group / micros));
        }
        return 1_000_000 * best;
    }

    private static IntToDoubleFunction interpolated(int[] tokens, double[] millis) {
        return count -> {
            int found = Arrays.binarySearch(tokens, count);
            if (found >= 0) {
                return millis[found];
            }
            int above = -found - 1;
            if (above == tokens.length) {
                return millis[above - 1] * count / tokens[above - 1];
            }
            double part = (double) (count - tokens[above - 1]) / (tokens[above] - tokens[above - 1]);
            return millis[above - 1] + part * (millis[above] - millis[above - 1]);
        };
    }
}

package org.barnraiser.coordinator.schedule;

import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.StageTiming;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What the driver does for one step: it chooses and makes it, and takes in its result. Readers ask again as soon as they are answered. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SchedulerBench {
    private static final int CONTEXT = 1024;
    private static final int PROMPT = 64;
    private static final int TOKENS = 256;

    @Param({"1", "16", "64"})
    int readers;

    private final Random random = new Random(1);
    private Driver driver;
    private long finished;

    /** Filled in by {@link #begin()}. */
    @SuppressWarnings("NullAway.Init")
    public SchedulerBench() {}

    /** All readers ask. */
    @Setup
    public void begin() throws ModelUnavailableException {
        driver = new Driver(1, new DriverLimits(readers, CONTEXT, readers * CONTEXT, 256, 10, 64, 60_000, true,
                Speculation.AUTO), Ticker.systemTicker());
        for (int reader = 0; reader < readers; reader++) {
            ask();
        }
    }

    private void ask() throws ModelUnavailableException {
        ImmutableIntArray.Builder prompt = ImmutableIntArray.builder(PROMPT);
        for (int i = 0; i < PROMPT; i++) {
            prompt.add(random.nextInt(100_000));
        }
        driver.submit(new ResumableSequence(prompt.build(), PROMPT, TOKENS,
                SamplingParameters.getDefaultInstance(), 0), new Asker());
    }

    /** One step. */
    @Benchmark
    public long step() throws ModelUnavailableException {
        Step step = driver.nextStep().orElseThrow();
        driver.onResult(answer(step));
        for (; finished > 0; finished--) {
            ask();
        }
        return step.getNumber();
    }

    private StepResult answer(Step step) {
        var result = StepResult.newBuilder().setEpoch(1).setNumber(step.getNumber())
                .addTimings(StageTiming.newBuilder().setComputeMicros(10_000L + 5_000L * step.getTokensCount()));
        for (Span span : step.getSpansList()) {
            if (span.getWanted() != Span.Wanted.NOTHING) {
                int position = span.getStartPosition() + span.getTokenCount() - span.getDraftCount();
                result.addSpans(SpanResult.newBuilder().setSlot(span.getSlot()).addSampled(
                        SampledToken.newBuilder().setToken(random.nextInt(100_000)).setPosition(position)));
            }
        }
        return result.build();
    }

    private final class Asker implements SequenceListener {
        @Override
        public void onToken(SampledToken token, float mirostatMu) {}

        @Override
        public void onEnd(GenerationEnd end) {
            finished++;
        }

        @Override
        public void onInterrupted(String reason) {
            throw new IllegalStateException(reason);
        }
    }
}

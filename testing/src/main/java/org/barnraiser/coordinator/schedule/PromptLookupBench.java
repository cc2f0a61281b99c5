package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Looking up how a text that repeats nothing goes on: all of it is searched. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PromptLookupBench {
    @Param({"512", "4096"})
    int tokens;

    private final PromptLookup lookup = new PromptLookup();
    private Sequence sequence;

    /** Filled in by {@link #write()}. */
    @SuppressWarnings("NullAway.Init")
    public PromptLookupBench() {}

    /** Writes the text. */
    @Setup
    public void write() {
        Random random = new Random(1);
        ImmutableIntArray.Builder text = ImmutableIntArray.builder(tokens);
        for (int i = 0; i < tokens; i++) {
            text.add(random.nextInt(1000));
        }
        sequence = new Sequence(new ResumableSequence(text.build(), tokens, 64,
                SamplingParameters.getDefaultInstance(), 0), 64, new Deaf());
    }

    /** One search. */
    @Benchmark
    public ImmutableIntArray draft() {
        return lookup.draft(sequence, 8);
    }

    private static final class Deaf implements SequenceListener {
        @Override
        public void onToken(SampledToken token, float mirostatMu) {}

        @Override
        public void onEnd(GenerationEnd end) {}

        @Override
        public void onInterrupted(String reason) {}
    }
}

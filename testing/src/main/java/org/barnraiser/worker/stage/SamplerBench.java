package org.barnraiser.worker.stage;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.testing.models.DemoModelF32;
import org.barnraiser.worker.llama.CandidateArray;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.llama.LlamaModel;
import org.barnraiser.worker.llama.ModelOptions;
import org.barnraiser.worker.llama.Sampler;
import org.barnraiser.worker.llama.SamplerException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One token drawn at the tail, from the demo model's vocabulary. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SamplerBench {
    private static final int TOLD = 64;

    @Param({"0", "0.8"})
    float temperature;

    private final TokenHistory history = new TokenHistory();
    private final Arena arena = Arena.ofShared();
    private LlamaModel model;
    private SlotSampler sampler;
    private CandidateArray candidates;
    private MemorySegment logits = MemorySegment.NULL;

    /** Filled in by {@link #open()}. */
    @SuppressWarnings("NullAway.Init")
    public SamplerBench() {}

    /** Loads the model and tells the sampler some tokens. */
    @Setup
    public void open() throws IOException, LlamaException {
        Path folder = Files.createTempDirectory("barnraiser-bench");
        model = LlamaLibrary.open(Optional.empty()).loadModel(DemoModelF32.writeTo(folder), ModelOptions.defaults());
        int vocabulary = model.vocabulary().size();
        candidates = new CandidateArray(vocabulary);
        sampler = SlotSampler.create(model, SamplingParameters.newBuilder().setSeed(1).setTemperature(temperature)
                .setTopK(40).setTopP(0.95f).setRepeatPenalty(1.1f).setPenaltyLastTokens(TOLD).build(), 0, 0,
                new Sampler.LogitBias(List.of()));
        Random random = new Random(1);
        logits = arena.allocate((long) vocabulary * Float.BYTES, Float.BYTES);
        for (int token = 0; token < vocabulary; token++) {
            logits.setAtIndex(ValueLayout.JAVA_FLOAT, token, (float) (3 * random.nextGaussian()));
        }
        for (int i = 0; i < TOLD; i++) {
            history.add(random.nextInt(vocabulary));
        }
    }

    @TearDown
    public void close() {
        sampler.close();
        candidates.close();
        model.close();
        arena.close();
    }

    /** The token for the same position again and again. */
    @Benchmark
    public int sample() throws SamplerException {
        return sampler.sample(logits, history, TOLD, candidates);
    }
}

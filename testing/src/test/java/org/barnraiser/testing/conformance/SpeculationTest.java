package org.barnraiser.testing.conformance;

import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableIntArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.Slicer;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.schedule.Driver;
import org.barnraiser.coordinator.schedule.DriverLimits;
import org.barnraiser.coordinator.schedule.ResumableSequence;
import org.barnraiser.coordinator.schedule.SequenceListener;
import org.barnraiser.coordinator.schedule.Speculation;
import org.barnraiser.proto.HiddenStates.Encoding;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.Step;
import org.barnraiser.testing.models.DemoModelF32;
import org.barnraiser.worker.shard.FileRange;
import org.barnraiser.worker.stage.StageEngine;
import org.barnraiser.worker.stage.StagePlace;
import org.barnraiser.worker.stage.StageSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The driver and real stages, one after the other: guesses change the number of steps and nothing else. */
class SpeculationTest {
    private static final int CONTEXT_TOKENS = 512;
    private static final int STEP_TOKENS = 64;
    private static final String QUESTION = "<|im_start|>user\nWho can read my chats?<|im_end|>\n<|im_start|>assistant\n";

    @TempDir
    private static Path folder;

    private static final List<StageEngine> STAGES = new ArrayList<>();

    /** What a reader heard, and in how many steps. */
    private record Answer(List<Integer> tokens, List<Float> logprobs, long steps) {}

    @BeforeAll
    static void cut_the_model_in_two() throws Exception {
        Library library = Library.all().getFirst();
        try (ModelFile model = ModelFile.open(DemoModelF32.writeTo(folder))) {
            Manifest manifest = Manifest.of(model);
            int middle = model.layerCount() / 2;
            open(library, model, Slicer.slice(model, manifest, 0, middle, library.abi()));
            open(library, model, Slicer.slice(model, manifest, middle, model.layerCount(), library.abi()));
        }
    }

    private static void open(Library library, ModelFile model, ShardSpec spec) throws Exception {
        Path shard = folder.resolve(spec.getShardId() + ".gguf");
        ShardAssembler.assemble(model, spec, shard);
        Piece table = spec.getEmbedding().getPiece();
        STAGES.add(StageEngine.open(library.llama(), shard, spec, spec.getHead()
                ? Optional.of(new FileRange(model.files().get(table.getFileIndex()), table.getSourceOffsetBytes(),
                        table.getLengthBytes()))
                : Optional.empty(),
                new StageSettings(2, CONTEXT_TOKENS, 2 * CONTEXT_TOKENS, STEP_TOKENS, 1, 0), Long.MAX_VALUE));
    }

    @AfterAll
    static void close() {
        STAGES.forEach(StageEngine::close);
    }

    @Test
    void a_greedy_answer_that_repeats_its_prompt_is_the_same_in_half_the_steps() throws Exception {
        var sampling = SamplingParameters.newBuilder().setTopP(1).setLogprobs(true).build();
        List<Integer> repeated = promptWithItsAnswer(sampling);
        Answer without = answer(Speculation.OFF, repeated, sampling);
        Answer with = answer(Speculation.of("7"), repeated, sampling);
        assertThat(with.tokens()).hasSizeGreaterThan(20).isEqualTo(without.tokens());
        assertThat(with.logprobs()).usingComparatorForType((a, b) -> Math.abs(a - b) < 1e-2 ? 0 : 1, Float.class)
                .containsExactlyElementsOf(without.logprobs());
        assertThat(with.steps() * 2).isLessThan(without.steps());
    }

    @Test
    void sampled_answers_are_the_same() throws Exception {
        List<Integer> repeated = promptWithItsAnswer(SamplingParameters.newBuilder().setTopP(1).build());
        for (int seed = 1; seed <= 2; seed++) {
            var sampling = SamplingParameters.newBuilder().setSeed(seed).setTemperature(0.8f).setTopP(0.95f)
                    .setRepeatPenalty(1.05f).setPenaltyLastTokens(64).build();
            assertThat(answer(Speculation.of("7"), repeated, sampling).tokens()).as("seed " + seed)
                    .isEqualTo(answer(Speculation.OFF, repeated, sampling).tokens());
        }
    }

    /** The question, what the model says to it, and the question once more. */
    private static List<Integer> promptWithItsAnswer(SamplingParameters sampling) throws Exception {
        List<Integer> question = tokens(QUESTION);
        List<Integer> all = new ArrayList<>(question);
        all.addAll(answer(Speculation.OFF, question, sampling).tokens());
        all.addAll(tokens("<|im_end|>\n" + QUESTION));
        return all;
    }

    private static List<Integer> tokens(String text) throws Exception {
        return ImmutableIntArray.copyOf(STAGES.getLast().vocabulary().tokenize(text, false, true)).asList();
    }

    private static Answer answer(Speculation speculation, List<Integer> prompt, SamplingParameters sampling)
            throws Exception {
        for (StageEngine stage : STAGES) {
            stage.clear();
        }
        var limits = new DriverLimits(2, CONTEXT_TOKENS, 2 * CONTEXT_TOKENS, STEP_TOKENS, 2, 0, 60_000, true,
                speculation);
        var driver = new Driver(1, limits, Ticker.systemTicker());
        var heard = new Answer(new ArrayList<>(), new ArrayList<>(), 0);
        driver.submit(new ResumableSequence(ImmutableIntArray.copyOf(prompt), prompt.size(), 120, sampling, 0),
                new SequenceListener() {
                    @Override
                    public void onToken(SampledToken token, float mirostatMu) {
                        heard.tokens().add(token.getToken());
                        heard.logprobs().add(token.getLogprob());
                    }

                    @Override
                    public void onEnd(GenerationEnd end) {
                        assertThat(end).isInstanceOfAny(GenerationEnd.EndOfGeneration.class,
                                GenerationEnd.Length.class);
                    }

                    @Override
                    public void onInterrupted(String reason) {
                        throw new AssertionError(reason);
                    }
                });
        for (Optional<Step> step = driver.nextStep(); step.isPresent(); step = driver.nextStep()) {
            Step atTail = STAGES.getFirst().process(step.get(), new StagePlace(0, Encoding.F32), 0);
            driver.onResult(STAGES.getLast().finish(atTail, new StagePlace(1, Encoding.F32), 0));
        }
        assertThat(driver.statistics().running()).isZero();
        return new Answer(heard.tokens(), heard.logprobs(), driver.statistics().stepsTotal());
    }
}

package org.barnraiser.coordinator.schedule;

import com.google.common.base.Ticker;
import com.google.common.primitives.ImmutableIntArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.Slicer;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.HiddenStates.Encoding;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.Step;
import org.barnraiser.testing.conformance.ShardAssembler;
import org.barnraiser.testing.models.DemoModelF32;
import org.barnraiser.testing.models.Family;
import org.barnraiser.testing.models.ModelSize;
import org.barnraiser.testing.models.RandomModel;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.shard.FileRange;
import org.barnraiser.worker.stage.StageEngine;
import org.barnraiser.worker.stage.StagePlace;
import org.barnraiser.worker.stage.StageSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** A draft model on a real engine beside real stages: it changes the number of steps and nothing else. */
class RealDraftsTest {
    private static final DriverLimits LIMITS = new DriverLimits(2, 256, 512, 64, 2, 0, 60_000, true,
            Speculation.of("4"));
    private static final int TOKENS = 100;
    private static final String QUESTION = "<|im_start|>user\nWho can read my chats?<|im_end|>\n<|im_start|>assistant\n";

    @TempDir
    private static Path folder;

    private static final List<StageEngine> STAGES = new ArrayList<>();
    private static StageEngine sameModel;
    private static StageEngine otherModel;

    /** What a reader heard, in how many steps, and how many guesses were made and right. */
    private record Answer(List<Integer> tokens, long steps, long guessed, long right) {}

    @BeforeAll
    static void open_stages_and_draft_models() throws Exception {
        LlamaLibrary library = LlamaLibrary.open(Optional.empty());
        Path file = DemoModelF32.writeTo(folder);
        Path other = folder.resolve("other.gguf");
        int layers;
        try (ModelFile model = ModelFile.open(file)) {
            layers = model.layerCount();
            ModelSize size = new ModelSize(2, 128, 192, 4, 2, 1, 1, model.vocabularySize(), LIMITS.contextTokens());
            new RandomModel(Family.LLAMA.shape(size), GgmlType.F32, 1).write(other, library.types());
        }
        STAGES.add(open(library, file, 0, layers / 2));
        STAGES.add(open(library, file, layers / 2, layers));
        sameModel = open(library, file, 0, layers);
        otherModel = open(library, other, 0, 2);
    }

    private static StageEngine open(LlamaLibrary library, Path file, int first, int last) throws Exception {
        try (ModelFile model = ModelFile.open(file)) {
            ShardSpec spec = Slicer.slice(model, Manifest.of(model), first, last, EngineAbi.ENGINE_ABI_B4916);
            Path shard = folder.resolve(spec.getShardId() + ".gguf");
            ShardAssembler.assemble(model, spec, shard);
            Piece table = spec.getEmbedding().getPiece();
            return StageEngine.open(library, shard, spec, spec.getHead()
                    ? Optional.of(new FileRange(file, table.getSourceOffsetBytes(), table.getLengthBytes()))
                    : Optional.empty(),
                    new StageSettings(2, LIMITS.contextTokens(), LIMITS.cacheTokens(), LIMITS.maxStepTokens(), 1, 0),
                    Long.MAX_VALUE);
        }
    }

    @AfterAll
    static void close() {
        STAGES.forEach(StageEngine::close);
        sameModel.close();
        otherModel.close();
    }

    private static SamplingParameters greedy() {
        return SamplingParameters.newBuilder().setTopP(1).build();
    }

    private static SamplingParameters sampled(long seed) {
        return greedy().toBuilder().setSeed(seed).setTemperature(0.8f).setTopP(0.95f).setRepeatPenalty(1.05f)
                .setPenaltyLastTokens(64).build();
    }

    @Test
    void a_model_that_guesses_for_itself_is_right_whether_tokens_are_drawn_or_not() throws Exception {
        for (SamplingParameters sampling : List.of(greedy(), sampled(1), sampled(2))) {
            Answer without = answer(sampling, Optional.empty());
            Answer with = answer(sampling, Optional.of(sameModel));
            assertThat(with.tokens()).hasSizeGreaterThan(20).isEqualTo(without.tokens());
            assertThat(with.right()).isGreaterThan(9 * with.guessed() / 10);
            assertThat(with.steps() * 2).isLessThan(without.steps());
        }
    }

    @Test
    void a_model_that_is_always_wrong_changes_no_token() throws Exception {
        for (SamplingParameters sampling : List.of(greedy(), sampled(1))) {
            Answer with = answer(sampling, Optional.of(otherModel));
            assertThat(with.tokens()).isEqualTo(answer(sampling, Optional.empty()).tokens());
            assertThat(with.guessed()).isGreaterThan(20);
            assertThat(with.right()).isLessThan(with.guessed() / 10);
        }
    }

    private static Answer answer(SamplingParameters sampling, Optional<StageEngine> draft) throws Exception {
        for (StageEngine stage : STAGES) {
            stage.clear();
        }
        Driver driver = new Driver(1, LIMITS, Ticker.systemTicker(), (_, _) -> ImmutableIntArray.of());
        DraftModel model = new DraftModel(1, LIMITS, LIMITS.contextTokens(), Ticker.systemTicker());
        if (draft.isPresent()) {
            draft.get().clear();
            driver.ask(model);
        }
        List<Integer> tokens = new ArrayList<>();
        ImmutableIntArray prompt = ImmutableIntArray
                .copyOf(STAGES.getLast().vocabulary().tokenize(QUESTION, false, true));
        driver.submit(new ResumableSequence(prompt, prompt.length(), TOKENS, sampling, 0), new SequenceListener() {
            @Override
            public void onToken(SampledToken token, float mirostatMu) {
                tokens.add(token.getToken());
            }

            @Override
            public void onEnd(GenerationEnd end) {
                assertThat(end).isInstanceOfAny(GenerationEnd.EndOfGeneration.class, GenerationEnd.Length.class);
            }

            @Override
            public void onInterrupted(String reason) {
                throw new AssertionError(reason);
            }
        });
        boolean moved = true;
        while (moved) {
            Optional<Step> step = driver.nextStep();
            step.ifPresent(sent -> {
                Step atTail = STAGES.getFirst().process(sent, new StagePlace(0, Encoding.F32), 0);
                driver.onResult(STAGES.getLast().finish(atTail, new StagePlace(1, Encoding.F32), 0));
            });
            Optional<Step> asked = model.nextStep();
            asked.ifPresent(sent -> driver.goOn(
                    model.onResult(draft.orElseThrow().finish(sent, new StagePlace(0, Encoding.F32), 0))));
            moved = step.isPresent() || asked.isPresent();
        }
        PipelineStatistics statistics = driver.statistics();
        assertThat(statistics.running()).isZero();
        assertThat(statistics.failedStepsTotal()).isZero();
        return new Answer(tokens, statistics.stepsTotal(), statistics.draftedTokensTotal(),
                statistics.acceptedTokensTotal());
    }
}

package org.barnraiser.testing.conformance;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.barnraiser.coordinator.gguf.AdapterFile;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.proto.AdapterUse;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.Step;
import org.barnraiser.testing.models.Family;
import org.barnraiser.testing.models.RandomAdapter;
import org.barnraiser.worker.llama.Batch;
import org.barnraiser.worker.llama.LlamaContext;
import org.barnraiser.worker.llama.LlamaModel;
import org.barnraiser.worker.llama.LoraAdapter;
import org.barnraiser.worker.llama.ModelOptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/** Adapters that are cut with their model change what llama.cpp changes with them uncut, for those readers alone who asked for them. */
class AdapterConformanceTest {
    private static final int ROUNDS = 8;
    private static final int PROMPT_TOKENS = 12;

    @TempDir
    private static Path folder;

    static List<ModelCase> cases() throws Exception {
        return ModelCase.of(Family.LLAMA, Family.QWEN2, Family.QWEN3, Family.GEMMA3);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void readers_with_different_adapters_and_without_any_hear_what_llama_cpp_alone_says(ModelCase one)
            throws Exception {
        Path file = TestModel.write(one.family(), GgmlType.F32, folder, one.library().llama());
        Path loud = folder.resolve("loud.gguf");
        Path soft = folder.resolve("soft.gguf");
        try (ModelFile model = ModelFile.open(file)) {
            new RandomAdapter(4, 8, 1).write(loud, model);
            new RandomAdapter(8, 0, 2).write(soft, model);
            try (AdapterFile first = AdapterFile.open(loud); AdapterFile second = AdapterFile.open(soft)) {
                first.checkFits(model);
                second.checkFits(model);
                List<List<AdapterUse>> readers = List.of(List.of(use(first, 1)), List.of(),
                        List.of(use(second, 0.5f)));
                List<Step> script = script(model.vocabularySize(), readers);
                List<SpanResult> whole = whole(one.library(), file, List.of(loud, soft), List.of(first, second),
                        script);
                int layers = model.layerCount();
                for (List<Integer> cut : List.of(List.of(0, layers), List.of(0, layers / 3, layers),
                        List.of(0, layers / 3, layers / 3 * 2, layers))) {
                    List<SpanResult> split = SplitModel.run(one.library(), model, Manifest.of(model), cut, folder,
                            List.of(first, second), script).sampled();
                    assertSame(split, whole);
                }
                List<SpanResult> without = SplitModel.run(one.library(), model, Manifest.of(model),
                        List.of(0, layers), folder, List.of(),
                        script.stream().map(step -> step.toBuilder().clearAdapters().build()).toList()).sampled();
                assertDiffers(whole, without, readers);
            }
        }
    }

    private static AdapterUse use(AdapterFile adapter, float scale) {
        return AdapterUse.newBuilder().setDigest(adapter.digest()).setScale(scale).build();
    }

    /** Readers take turns, as a step is computed with one set of adapters. */
    private static List<Step> script(int vocabularySize, List<List<AdapterUse>> readers) {
        SplittableRandom random = new SplittableRandom(3);
        List<Step> steps = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (int slot = 0; slot < readers.size(); slot++) {
                Step.Builder step = Step.newBuilder().setEpoch(1).setNumber(steps.size() + 1)
                        .addAllAdapters(readers.get(slot));
                int tokens = round == 0 ? PROMPT_TOKENS : 1;
                if (round == 0) {
                    step.addEdits(CacheEdit.newBuilder().setBegin(CacheEdit.Begin.newBuilder().setSlot(slot)
                            .setSampling(SamplingParameters.newBuilder().setLogprobs(true).setTopP(1))));
                }
                step.addSpans(Span.newBuilder().setSlot(slot)
                        .setStartPosition(round == 0 ? 0 : PROMPT_TOKENS + round - 1).setTokenCount(tokens)
                        .setWanted(Span.Wanted.SAMPLE));
                for (int i = 0; i < tokens; i++) {
                    step.addTokens(random.nextInt(vocabularySize));
                }
                steps.add(step.build());
            }
        }
        return steps;
    }

    /** What llama.cpp computes with whole files. */
    private static List<SpanResult> whole(Library library, Path file, List<Path> files, List<AdapterFile> adapters,
            List<Step> script) throws Exception {
        List<SpanResult> results = new ArrayList<>();
        try (LlamaModel model = library.llama().loadModel(file, ModelOptions.defaults());
                LoraAdapter first = model.loadAdapter(files.get(0));
                LoraAdapter second = model.loadAdapter(files.get(1));
                LlamaContext context = model.newContext(WholeModel.CONTEXT);
                Batch batch = Batch.ofTokens(Script.MAX_STEP_TOKENS)) {
            for (Step step : script) {
                batch.clear();
                StepReader.forEachRow(step, batch::addToken);
                float[] scales = new float[step.getAdaptersCount()];
                List<LoraAdapter> used = new ArrayList<>();
                for (int i = 0; i < scales.length; i++) {
                    scales[i] = step.getAdapters(i).getScale();
                    used.add(step.getAdapters(i).getDigest().equals(adapters.getFirst().digest()) ? first : second);
                }
                context.useAdapters(used, scales);
                context.decode(batch);
                results.add(Likeliest.of(context.logits(batch.rows() - 1)));
            }
        }
        return results;
    }

    private static void assertSame(List<SpanResult> split, List<SpanResult> whole) {
        assertThat(split).hasSameSizeAs(whole);
        for (int i = 0; i < whole.size(); i++) {
            assertThat(split.get(i).getSampled(0).getToken()).isEqualTo(whole.get(i).getSampled(0).getToken());
            assertThat(split.get(i).getSampled(0).getLogprob()).isCloseTo(whole.get(i).getSampled(0).getLogprob(),
                    within(1e-5f));
        }
    }

    /** A reader without an adapter hears the same as where there are none; the others do not. */
    private static void assertDiffers(List<SpanResult> with, List<SpanResult> without,
            List<List<AdapterUse>> readers) {
        for (int reader = 0; reader < readers.size(); reader++) {
            int mine = reader;
            assertThat(logprobs(with, mine, readers.size()).equals(logprobs(without, mine, readers.size())))
                    .as("reader %d", reader).isEqualTo(readers.get(reader).isEmpty());
        }
    }

    private static List<Long> logprobs(List<SpanResult> results, int reader, int readers) {
        return Stream.iterate(reader, i -> i < results.size(), i -> i + readers)
                .map(i -> Math.round(results.get(i).getSampled(0).getLogprob() * 1e4)).toList();
    }
}

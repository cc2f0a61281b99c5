package org.barnraiser.testing.conformance;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.SamplingParameters.Pooling;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.Step;
import org.barnraiser.testing.models.Family;
import org.barnraiser.worker.llama.WholeEmbeddings;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What stages say a text means is what llama.cpp says that computes it at once, alone, and uncut. */
class EmbeddingConformanceTest {
    /** Of a vector of length 1, for a text that is read at once and alone. */
    private static final double EXACT = 1e-7;
    /** llama.cpp's sums differ in their last bits with what shares a step. */
    private static final double ROUNDED = 1e-4;
    private static final int TOKENS = 50;
    private static final int SLOTS = WholeModel.CONTEXT.slots();

    @TempDir
    private static Path folder;

    static List<ModelCase> cases() throws Exception {
        return ModelCase.of(Family.LLAMA, Family.QWEN2, Family.QWEN3, Family.GEMMA3, Family.GRANITE);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void one_two_and_three_stages_mean_what_llama_cpp_means(ModelCase one) throws Throwable {
        Path file = TestModel.write(one.family(), GgmlType.F32, folder, one.library().llama());
        try (ModelFile model = ModelFile.open(file)) {
            Script script = new Script(model.vocabularySize());
            int layers = model.layerCount();
            for (List<Integer> cut : List.of(List.of(0, layers), List.of(0, layers / 3, layers),
                    List.of(0, layers / 3, layers / 3 * 2, layers))) {
                List<SpanResult> results = SplitModel
                        .run(one.library(), model, Manifest.of(model), cut, folder, SLOTS, script.steps).sampled();
                List<Integer> likeliest = WholeModel.run(one.library().llama(), file, script.steps).likeliest();
                for (int i = 0; i < results.size(); i++) {
                    SpanResult result = results.get(i);
                    assertThat(result.getFailure()).isEmpty();
                    Pooling pooling = script.pooled.get(i);
                    if (pooling == Pooling.NO_POOLING) {
                        assertThat(result.getSampled(0).getToken()).isEqualTo(likeliest.get(i));
                    } else {
                        assertSame(result.getSampled(0).getEmbeddingList(), pooled(pooling,
                                WholeEmbeddings.of(one.library().llama(), file, script.texts.get(i), SLOTS)),
                                script.alone.get(i) ? EXACT : ROUNDED);
                    }
                }
                assertThat(results).hasSize(script.pooled.size());
            }
        }
    }

    private static double[] pooled(Pooling pooling, List<float[]> rows) {
        return IntStream.range(0, rows.getFirst().length).mapToDouble(i -> switch (pooling) {
            case MEAN -> rows.stream().mapToDouble(row -> row[i]).average().orElseThrow();
            case FIRST -> rows.getFirst()[i];
            case LAST -> rows.getLast()[i];
            case NO_POOLING, UNRECOGNIZED -> throw new IllegalArgumentException("nothing is pooled");
        }).toArray();
    }

    private static void assertSame(List<Float> seen, double[] expected, double tolerance) {
        double length = Math.sqrt(IntStream.range(0, expected.length).mapToDouble(i -> expected[i] * expected[i])
                .sum());
        assertThat(seen).hasSize(expected.length);
        assertThat(length).isGreaterThan(0.1);
        for (int i = 0; i < expected.length; i++) {
            assertThat((seen.get(i) - expected[i]) / length).isBetween(-tolerance, tolerance);
        }
    }

    /** Texts in one and in several steps, some of which a chat shares. */
    private static final class Script {
        private final Random random = new Random(5);
        private final List<Step> steps = new ArrayList<>();
        private final List<Pooling> pooled = new ArrayList<>();
        private final List<List<Integer>> texts = new ArrayList<>();
        /** Whether a text was read in a step of its own. */
        private final List<Boolean> alone = new ArrayList<>();
        private final int vocabularySize;

        Script(int vocabularySize) {
            this.vocabularySize = vocabularySize;
            steps.add(step(1, begin(0, Pooling.MEAN), span(0, text(), 0, TOKENS, Pooling.MEAN)));
            List<Integer> mean = text();
            List<Integer> chat = text();
            steps.add(step(2, drop(0), begin(0, Pooling.MEAN), span(0, mean, 0, 20, Pooling.MEAN)));
            steps.add(step(3, begin(1, Pooling.NO_POOLING), span(1, chat, 0, 10, null),
                    span(0, mean, 20, 40, Pooling.MEAN)));
            steps.add(step(4, span(0, mean, 40, TOKENS, Pooling.MEAN)));
            steps.add(step(5, begin(2, Pooling.LAST), span(1, chat, 10, 11, null),
                    span(2, text(), 0, TOKENS, Pooling.LAST)));
            List<Integer> first = text();
            steps.add(step(6, drop(0), begin(0, Pooling.FIRST), span(0, first, 0, 30, Pooling.FIRST)));
            steps.add(step(7, span(1, chat, 11, 12, null), span(0, first, 30, TOKENS, Pooling.FIRST)));
        }

        private List<Integer> text() {
            return random.ints(TOKENS, 0, vocabularySize).boxed().toList();
        }

        /** A part of a step, in whichever of the fields it belongs. */
        private static Step step(long number, Step... parts) {
            Step.Builder step = Step.newBuilder();
            for (Step part : parts) {
                step.mergeFrom(part);
            }
            return step.setEpoch(1).setNumber(number).build();
        }

        private static Step begin(int slot, Pooling pooling) {
            var sampling = SamplingParameters.newBuilder().setTopP(1).setPooling(pooling);
            return Step.newBuilder().addEdits(CacheEdit.newBuilder()
                    .setBegin(CacheEdit.Begin.newBuilder().setSlot(slot).setSampling(sampling))).build();
        }

        private static Step drop(int slot) {
            return Step.newBuilder()
                    .addEdits(CacheEdit.newBuilder().setDrop(CacheEdit.Drop.newBuilder().setSlot(slot))).build();
        }

        /** Asks for a result at the end of a text, and of a chat each time. */
        private Step span(int slot, List<Integer> text, int from, int to, @Nullable Pooling pooling) {
            boolean wanted = pooling == null || to == text.size();
            if (wanted) {
                pooled.add(pooling == null ? Pooling.NO_POOLING : pooling);
                texts.add(text);
                alone.add(from == 0 && to == TOKENS && pooling == Pooling.MEAN);
            }
            return Step.newBuilder()
                    .addSpans(Span.newBuilder().setSlot(slot).setStartPosition(from).setTokenCount(to - from)
                            .setWanted(wanted ? Wanted.SAMPLE : Wanted.NOTHING))
                    .addAllTokens(text.subList(from, to)).build();
        }
    }
}

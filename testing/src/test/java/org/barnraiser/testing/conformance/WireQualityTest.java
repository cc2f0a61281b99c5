package org.barnraiser.testing.conformance;

import com.google.common.primitives.ImmutableIntArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.HiddenStates.Encoding;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.Step;
import org.barnraiser.testing.models.DemoModelF32;
import org.barnraiser.worker.llama.LlamaModel;
import org.barnraiser.worker.llama.ModelOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What smaller hidden states cost: a trained model reads a text, token by token, once with f32 between its stages and once with less, and the
 * probabilities that it gives to the next token are compared.
 */
class WireQualityTest {
    private static final String TEXT = """
                                       <|im_start|>user
                                       What is Barnraiser?<|im_end|>
                                       <|im_start|>assistant
                                       Barnraiser lets several machines hold one large language model together. Each machine holds some of the layers, and the words go \
                                       from one to the next.<|im_end|>
                                       <|im_start|>user
                                       Who can read my chats?<|im_end|>
                                       <|im_start|>assistant
                                       The server does not keep the text, so there is nothing for the staff or other members to look up later. Your conversations are in \
                                       your own browser; anybody who uses the same browser could see them, so delete them on a shared computer.<|im_end|>
                                       """;

    @TempDir
    private static Path folder;

    private static Logits exact = new Logits();

    @BeforeAll
    static void read_the_text_with_f32() throws Exception {
        exact = read(Encoding.F32);
        assertThat(exact.rows()).isGreaterThan(100);
        assertThat(exact.areSane()).isTrue();
    }

    @Test
    void f16_changes_next_to_nothing() throws Exception {
        Logits half = read(Encoding.F16);
        assertThat(exact.divergenceOf(half)).isLessThan(1e-5);
        assertThat(agreement(half)).isGreaterThan(0.99);
    }

    @Test
    void q8_changes_little() throws Exception {
        Logits small = read(Encoding.Q8);
        assertThat(exact.divergenceOf(small)).isGreaterThan(0).isLessThan(2e-3);
        assertThat(agreement(small)).isGreaterThan(0.95);
    }

    /** Part of the tokens after which the same token is the likeliest. */
    private static double agreement(Logits other) {
        List<Integer> expected = exact.likeliest();
        List<Integer> found = other.likeliest();
        return IntStream.range(0, expected.size()).filter(row -> expected.get(row).equals(found.get(row))).count()
                / (double) expected.size();
    }

    /** The model in four stages. */
    private static Logits read(Encoding wire) throws Exception {
        Library library = Library.all().getFirst();
        Path file = DemoModelF32.writeTo(folder);
        try (ModelFile model = ModelFile.open(file)) {
            int layers = model.layerCount();
            List<Integer> cut = List.of(0, layers / 4, layers / 2, 3 * layers / 4, layers);
            Logits read = SplitModel.run(library, model, cut, folder, wire, script(library, file)).logits();
            System.out.printf("%s: divergence %.3g nats, the same likeliest token %.4f%n", wire,
                    exact.rows() == 0 ? 0.0 : exact.divergenceOf(read), exact.rows() == 0 ? 1.0 : agreement(read));
            return read;
        }
    }

    private static List<Step> script(Library library, Path file) throws Exception {
        try (LlamaModel model = library.llama().loadModel(file, ModelOptions.defaults())) {
            return script(ImmutableIntArray.copyOf(model.vocabulary().tokenize(TEXT, false, true)));
        }
    }

    /** A text that one slot reads token by token. */
    static List<Step> script(ImmutableIntArray text) {
        List<Step> steps = new ArrayList<>();
        for (int position = 0; position < text.length(); position++) {
            var step = Step.newBuilder().setEpoch(1).setNumber(position + 1).addTokens(text.get(position))
                    .addSpans(Span.newBuilder().setSlot(0).setStartPosition(position).setTokenCount(1)
                            .setWanted(Span.Wanted.SAMPLE));
            if (position == 0) {
                step.addEdits(CacheEdit.newBuilder().setBegin(CacheEdit.Begin.newBuilder().setSlot(0)
                        .setGeneratedFromPosition(0).setSampling(SamplingParameters.newBuilder())));
            }
            steps.add(step.build());
        }
        return steps;
    }
}

package org.barnraiser.coordinator.gguf;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class StepBuffersTest {
    private static final int EMBEDDING = 1024;
    private static final int VOCABULARY = 40_000;

    @TempDir
    private Path folder;

    /** What llama.cpp b4916 logs as its compute buffer for a model of this shape. */
    @ParameterizedTest
    @CsvSource({"512, 256, 12.5", "4096, 256, 72", "16384, 256, 276", "4096, 32, 9.5"})
    void the_buffers_of_a_step_are_what_llama_cpp_says_it_takes(int cacheTokens, int stepTokens, double mebibytes)
            throws Exception {
        try (ModelFile model = model(2)) {
            assertThat(StepBuffers.of(model, cacheTokens, stepTokens))
                    .isEqualTo(new StepBuffers((long) (mebibytes * (1 << 20)), 0));
        }
    }

    @Test
    void a_large_vocabulary_takes_more_on_the_tail_alone() throws Exception {
        try (ModelFile model = model(VOCABULARY)) {
            StepBuffers buffers = StepBuffers.of(model, 512, 256);
            assertThat(buffers.stageBytes()).isEqualTo((long) (12.5 * (1 << 20)));
            assertThat(buffers.stageBytes() + buffers.tailBytes()).isGreaterThan(256L * VOCABULARY * Float.BYTES);
        }
    }

    private ModelFile model(int vocabulary) throws Exception {
        GgufWriter writer = new GgufWriter().putText("general.architecture", "llama")
                .putUInt32("llama.block_count", 1).putUInt32("llama.embedding_length", EMBEDDING)
                .putUInt32("llama.context_length", 16_384).putUInt32("llama.attention.head_count", 16)
                .putUInt32("llama.attention.head_count_kv", 4).putUInt32("llama.feed_forward_length", 3072)
                .putFloat32("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                .putText("tokenizer.ggml.model", "gpt2")
                .putArray("tokenizer.ggml.tokens", MetadataArray.ofTexts(
                        IntStream.range(0, vocabulary).mapToObj(Integer::toString).toList()))
                .tensor("token_embd.weight", GgmlType.Q8_0, EMBEDDING, vocabulary)
                .tensor("blk.0.attn_norm.weight", GgmlType.F32, EMBEDDING);
        Path file = folder.resolve("model-" + vocabulary + ".gguf");
        writer.writeTo(file, StepBuffersTest::zeros);
        return ModelFile.open(file);
    }

    private static void zeros(TensorInfo tensor, OutputStream out) throws IOException {
        out.write(new byte[Math.toIntExact(tensor.lengthBytes())]);
    }
}

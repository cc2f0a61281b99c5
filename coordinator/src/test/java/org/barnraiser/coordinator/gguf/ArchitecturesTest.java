package org.barnraiser.coordinator.gguf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.barnraiser.proto.EngineAbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ArchitecturesTest {
    private static final EngineAbi OLD = EngineAbi.ENGINE_ABI_B4916;
    private static final EngineAbi NEW = EngineAbi.ENGINE_ABI_V0_5;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"gemma2, scales its hidden states", "glm4, when hidden states are fed", "mamba, not been shown"})
    void an_unsupported_architecture_is_refused_with_the_reason_and_what_is_supported(String architecture,
            String reason)
            throws IOException {
        TinyModel tiny = TinyModel.of("llama", 1);
        for (String name : List.of("block_count", "embedding_length", "context_length")) {
            tiny.writer().putUInt32(architecture + "." + name, name.equals("embedding_length") ? 64 : 1);
        }
        tiny.writer().putText("general.architecture", architecture);
        try (ModelFile model = tiny.openIn(directory)) {
            assertThatExceptionOfType(UnsupportedModelException.class).isThrownBy(() -> Architectures.check(model, NEW))
                    .withMessageContaining(architecture).withMessageContaining(reason)
                    .withMessageContaining("gemma3, glm4moe, gpt-oss, granite");
        }
    }

    @ParameterizedTest
    @CsvSource({"qwen3", "qwen3moe", "gpt-oss"})
    void a_newer_architecture_is_refused_on_the_older_engine(String architecture) throws IOException {
        try (ModelFile model = TinyModel.of(architecture, 2).openIn(directory)) {
            Architectures.check(model, NEW);
            assertThatExceptionOfType(UnsupportedModelException.class).isThrownBy(() -> Architectures.check(model, OLD))
                    .withMessageContaining("--llama-lib");
        }
    }

    @ParameterizedTest
    @CsvSource({"llama, 3, '0,1,2,3'", "gemma3, 14, '0,6,12,14'", "gpt-oss, 5, '0,2,4,5'", "deepseek2, 3, '0,1,2,3'"})
    void cuts_are_at_multiples_of_the_period(String architecture, int layers, String expected) throws IOException {
        try (ModelFile model = TinyModel.of(architecture, layers).openIn(directory)) {
            assertThat(Architectures.cutPoints(model, NEW).asList())
                    .hasToString("[" + expected.replace(",", ", ") + "]");
        }
    }

    /** 62 layers are taken for the model of 27B, whose attention scale is another. */
    @Test
    void gemma3_of_27b_is_not_cut() throws IOException {
        Hyperparameters wide = new Hyperparameters(62, 96, TinyModel.VOCABULARY, 4, 2, 16, 16, 16, 32, 0, 0, 0, 0, 0, 1,
                0, 0,
                0, 0, 0);
        try (ModelFile model = TinyModel.of("gemma3", wide, false).openIn(directory)) {
            Architectures.check(model, NEW);
            assertThat(Architectures.cutPoints(model, NEW).asList()).containsExactly(0, 62);
        }
    }

    @Test
    void no_two_cuts_of_deepseek2_make_a_shard_that_is_taken_for_a_lite_model() throws IOException {
        try (ModelFile model = TinyModel.of("deepseek2", 61).openIn(directory)) {
            List<Integer> cuts = Architectures.cutPoints(model, NEW).asList();
            assertThat(cuts).startsWith(0).endsWith(61).hasSizeGreaterThan(10);
            for (int first : cuts) {
                assertThat(cuts).doesNotContain(first + 26, first + 27);
            }
        }
    }

    @Test
    void a_lite_deepseek2_is_cut_on_the_newer_engine_alone() throws IOException {
        Hyperparameters full = TinyModel.hyperparameters("deepseek2", 27);
        Hyperparameters lite = new Hyperparameters(27, full.embedding(), full.vocabulary(), full.heads(),
                full.cacheHeads(),
                full.keyLength(), full.valueLength(), full.ropeDimensions(), full.feedForward(), full.experts(),
                full.expertsUsed(),
                full.expertFeedForward(), full.sharedExperts(), full.sharedFeedForward(), full.expertStep(),
                full.leadingDense(), 0, full.cacheRank(), 0, 0);
        try (ModelFile model = TinyModel.of("deepseek2", lite, true).openIn(directory)) {
            assertThat(Architectures.cutPoints(model, OLD).asList()).containsExactly(0, 27);
            assertThat(Architectures.cutPoints(model, NEW).asList()).hasSize(28);
        }
    }

    @Test
    void the_latent_form_of_deepseek2_needs_the_newer_engine() throws IOException {
        Hyperparameters latent = new Hyperparameters(2, 64, TinyModel.VOCABULARY, 4, 1, 40, 32, 8, 96, 4, 2, 32, 1, 0,
                1, 1,
                32, 32, 24, 16);
        try (ModelFile model = TinyModel.of("deepseek2", latent, true).openIn(directory)) {
            Architectures.check(model, NEW);
            assertThatExceptionOfType(UnsupportedModelException.class).isThrownBy(() -> Architectures.check(model, OLD))
                    .withMessageContaining("latent");
        }
    }

    @Test
    void mixtral_is_a_llama_with_experts() throws IOException {
        Hyperparameters mixtral = new Hyperparameters(2, 64, TinyModel.VOCABULARY, 4, 2, 16, 16, 16, 96, 4, 2, 0, 0, 0,
                1, 0,
                0, 0, 0, 0);
        try (ModelFile model = TinyModel.of("llama", mixtral, true).openIn(directory)) {
            Architectures.check(model, OLD);
            assertThat(model.tensor("blk.0.ffn_gate_exps.weight")).isPresent();
        }
    }

    @Test
    void sizes_add_up_to_the_model() throws IOException {
        try (ModelFile model = TinyModel.of("llama", 3).openIn(directory)) {
            LayerSizes sizes = LayerSizes.of(model);
            long sum = sizes.layerBytes().stream().sum() + sizes.headBytes() + sizes.tailBytes()
                    + sizes.everyStageBytes();
            assertThat(sum).isEqualTo(model.tensors().stream().mapToLong(TensorInfo::lengthBytes).sum());
            // Two key/value heads of 16 keys and 16 values, 2 bytes each.
            assertThat(sizes.cacheBytesPerToken().asList()).containsExactly(128L, 128L, 128L);
        }
    }
}

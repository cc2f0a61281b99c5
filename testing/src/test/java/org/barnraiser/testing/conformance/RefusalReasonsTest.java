package org.barnraiser.testing.conformance;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.proto.Step;
import org.barnraiser.testing.SecondLibrary;
import org.barnraiser.testing.models.Family;
import org.barnraiser.testing.models.ModelSize;
import org.barnraiser.testing.models.RandomModel;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.llama.ModelLoadException;
import org.barnraiser.worker.llama.ModelOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Shows in llama.cpp itself why some models are refused, so that a refusal that has lost its reason is noticed. */
class RefusalReasonsTest {

    private static final int ABORTED = 134;

    @TempDir
    private Path folder;

    @Test
    void gemma2_with_a_shards_layer_count_ends_the_process_on_b4916() throws Exception {
        Path whole = write(Family.GEMMA2, 26);
        Path shard = write(Family.GEMMA2, 14);

        assertThat(start(whole).exitCode()).isZero();
        assertThat(start(shard).exitCode()).isEqualTo(ABORTED);
    }

    /**
     * So hidden states would be scaled again at every stage, and dividing them first is exact for no real gemma2's
     * width.
     */
    @Test
    void gemma2_scales_hidden_states_as_if_they_were_embeddings() throws Exception {
        Optional<Path> second = SecondLibrary.find();
        assumeTrue(second.isPresent());
        LlamaLibrary llama = LlamaLibrary.open(second);
        Path file = write(Family.GEMMA2, 26);
        List<Step> script = Script.steps(ModelSize.tiny().vocabulary());

        assertThat(WholeModel.run(llama, file, script).differenceTo(WholeModel.runOnEmbeddings(llama, file, script, 1)))
                .isEmpty();
    }

    /** glm4moe has rotary sections to be let off for; those of glm4 would pair other values. */
    @Test
    void glm4_ends_the_process_on_hidden_states() throws Exception {
        Optional<Path> second = SecondLibrary.find();
        assumeTrue(second.isPresent());

        assertThat(start(write(Family.LLAMA, 3), second.get()).exitCode()).isZero();
        ChildJvm.Result result = start(write(Family.GLM4, 3), second.get());
        assertThat(result.exitCode()).isEqualTo(ABORTED);
        assertThat(result.output()).contains("multimodal");
    }

    @Test
    void gemma3_does_not_scale_what_is_no_token() throws Exception {
        LlamaLibrary llama = LlamaLibrary.open(Optional.empty());
        Path file = write(Family.GEMMA3, 6);
        List<Step> script = Script.steps(ModelSize.tiny().vocabulary());
        float scale = (float) Math.sqrt(ModelSize.tiny().embeddingLength());

        assertThat(WholeModel.run(llama, file, script)
                .differenceTo(WholeModel.runOnEmbeddings(llama, file, script, scale))).isEmpty();
        assertThat(WholeModel.run(llama, file, script).differenceTo(WholeModel.runOnEmbeddings(llama, file, script, 1)))
                .contains("differs");
    }

    @Test
    void deepseek2_lite_is_known_by_its_layer_count_alone() throws Exception {
        LlamaLibrary llama = LlamaLibrary.open(Optional.empty());
        Path shard = write(Family.DEEPSEEK2_LITE, 14);

        llama.loadModel(write(Family.DEEPSEEK2_LITE, 27), ModelOptions.defaults()).close();
        assertThatThrownBy(() -> llama.loadModel(shard, ModelOptions.defaults()))
                .isInstanceOf(ModelLoadException.class).hasMessageContaining("q_lora_rank");
    }

    private Path write(Family family, int layers) throws Exception {
        Path file = folder.resolve(family + "-" + layers + ".gguf");
        new RandomModel(family.shape(ModelSize.tiny().withLayers(layers)), GgmlType.F32, 1).write(file,
                LlamaLibrary.open(Optional.empty()).types());
        return file;
    }

    private ChildJvm.Result start(Path... modelAndLibrary) throws Exception {
        return ChildJvm.run(StartMain.class, folder.resolve("output.txt"),
                Arrays.stream(modelAndLibrary).map(Path::toString).toArray(String[]::new));
    }
}

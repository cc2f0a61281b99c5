package org.barnraiser.testing.models;

import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.llama.LlamaModel;
import org.barnraiser.worker.llama.ModelOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

class RandomModelTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(value = GgmlType.class, names = {"F32", "F16", "Q8_0", "Q4_0", "Q4_K", "Q6_K"})
    void the_same_arguments_give_the_same_bytes(GgmlType type) throws Exception {
        Path first = write("first", Family.MIXTRAL, type, 1);

        assertThat(first).hasSameBinaryContentAs(write("again", Family.MIXTRAL, type, 1));
        assertThat(Files.mismatch(first, write("other", Family.MIXTRAL, type, 2))).isNotNegative();
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void every_family_is_a_well_formed_model(Family family) throws Exception {
        try (ModelFile model = ModelFile.open(write("model", family, GgmlType.F32, 1))) {
            assertThat(model.layerCount()).isEqualTo(ModelSize.tinyForSuperBlocks().layers());
            assertThat(model.vocabularySize()).isEqualTo(ModelSize.tinyForSuperBlocks().vocabulary());
            assertThat(model.chatTemplate())
                    .hasValueSatisfying(template -> assertThat(template).contains("<|im_start|>"));
        }
    }

    @Test
    void the_vocabulary_reads_back_any_text() throws Exception {
        Path file = write("model", Family.LLAMA, GgmlType.Q8_0, 1);
        try (LlamaModel model = LlamaLibrary.open(Optional.empty()).loadModel(file, ModelOptions.defaults())) {
            String text = "Raise the barn together: 3 × Ωmega, 木.";
            int[] tokens = model.vocabulary().tokenize(text, false, false);

            var bytes = new ByteArrayOutputStream();
            for (int token : tokens) {
                bytes.writeBytes(model.vocabulary().piece(token));
            }
            assertThat(bytes.toString(StandardCharsets.UTF_8).strip()).isEqualTo(text);
            assertThat(model.vocabulary().tokenize("<|im_end|>", false, true)).hasSize(1);
        }
    }

    @Test
    void weights_are_spread_as_their_role_asks() {
        var shape = new TensorShape("blk.0.ffn_up.weight", TensorRole.MATRIX, List.of(64L, 256L));
        var values = new float[64 * 256];
        new RandomWeights(1, shape).fill(values);

        double mean = mean(values, 1);
        assertThat(mean).isCloseTo(0, within(0.01));
        assertThat(Math.sqrt(mean(values, 2) - mean * mean)).isCloseTo(1 / Math.sqrt(64), within(0.01));
    }

    @ParameterizedTest
    @EnumSource(value = Family.class, names = {"LLAMA", "QWEN3_MOE", "DEEPSEEK2"})
    void a_size_is_found_for_a_number_of_parameters(Family family) {
        long parameters = family.shape(SizeSearch.find(family, 250_000_000)).parameters();

        assertThat((double) parameters).isCloseTo(250e6, within(30e6));
    }

    @Test
    void the_command_line_writes_what_was_asked_for() throws Exception {
        Path file = folder.resolve("model.gguf");
        var output = new StringWriter();

        int exitCode = RandomModelMain.commandLine().setOut(new PrintWriter(output, true)).execute("--architecture",
                "qwen3moe", "--parameters", "2.5M", "--type", "Q4_K", "--output", file.toString());

        assertThat(exitCode).isZero();
        assertThat(output.toString()).contains("qwen3moe");
        try (ModelFile model = ModelFile.open(file)) {
            assertThat(model.architecture()).isEqualTo("qwen3moe");
        }
    }

    @Test
    void the_command_line_says_what_is_wrong() {
        var errors = new StringWriter();
        CommandLine commandLine = RandomModelMain.commandLine().setErr(new PrintWriter(errors, true));

        assertThat(commandLine.execute("--heads", "7", "--output", folder.resolve("model.gguf").toString()))
                .isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(errors.toString()).contains("heads must divide half of the embedding length");
    }

    @Test
    void a_vocabulary_has_no_token_twice() {
        assertThat(TestVocabulary.ofSize(8192).tokens()).hasSize(8192).doesNotHaveDuplicates();
        assertThatThrownBy(() -> TestVocabulary.ofSize(10)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("384");
    }

    private Path write(String name, Family family, GgmlType type, long seed) throws Exception {
        Path file = folder.resolve(name + ".gguf");
        new RandomModel(family.shape(ModelSize.tinyForSuperBlocks()), type, seed).write(file,
                LlamaLibrary.open(Optional.empty()).types());
        return file;
    }

    private static double mean(float[] values, int power) {
        double sum = 0;
        for (float value : values) {
            sum += Math.pow(value, power);
        }
        return sum / values.length;
    }
}

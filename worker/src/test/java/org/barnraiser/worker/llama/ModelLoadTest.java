package org.barnraiser.worker.llama;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ModelLoadTest {
    private static final long CHILD_SECONDS = 120;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_model_says_what_it_is(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories())) {
            assertThat(model.layerCount()).isEqualTo(5);
            assertThat(model.embeddingLength()).isEqualTo(64);
            assertThat(model.trainedContextTokens()).isEqualTo(512);
            assertThat(model.description()).startsWith("llama");
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void damaged_files_are_refused_and_the_process_lives(LlamaAbi abi) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-Xmx256m", "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                HostileLoads.class.getName(), TestEngines.stories().toString(), folder.resolve("bad.gguf").toString()));
        TestEngines.directory(abi).ifPresent(directory -> command.add(directory.toString()));
        Path output = folder.resolve("output");
        Process child = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            assertThat(child.waitFor(CHILD_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            child.destroyForcibly();
        }
        assertThat(Files.readString(output, StandardCharsets.UTF_8).stripTrailing().lines().toList())
                .endsWith("refused 320, loaded 1", "survived");
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void what_llama_cpp_says_of_a_file_is_told(LlamaAbi abi) throws Exception {
        byte[] content = Files.readAllBytes(TestEngines.stories());
        Path file = folder.resolve("other.gguf");
        String text = new String(content, StandardCharsets.ISO_8859_1).replaceFirst("general.architecture(.{12})llama",
                "general.architecture$1lambs");
        Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
        LlamaLibrary library = TestEngines.open(abi);
        assertThatThrownBy(() -> library.loadModel(file, ModelOptions.defaults()))
                .isInstanceOf(ModelLoadException.class).hasMessageContaining("llama.cpp says")
                .hasMessageContaining("lambs");
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_missing_file_and_one_beyond_the_memory_limit_are_refused(LlamaAbi abi) {
        LlamaLibrary library = TestEngines.open(abi);
        assertThatThrownBy(() -> library.loadModel(folder.resolve("none.gguf"), ModelOptions.defaults()))
                .isInstanceOf(ModelLoadException.class).hasMessageContaining("is not there");
        assertThatThrownBy(() -> library.loadModel(TestEngines.stories(),
                ModelOptions.defaults().withMemoryLimitBytes(1000))).isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("only 1000 bytes");
    }

    @EnabledOnOs(OS.LINUX)
    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void weights_are_mapped_only_when_asked_for(LlamaAbi abi) throws Exception {
        Path file = Files.copy(TestEngines.stories(), folder.resolve("mapped.gguf"));
        for (boolean mmap : new boolean[]{true, false}) {
            try (LlamaModel model = TestEngines.open(abi).loadModel(file, ModelOptions.defaults().withMmap(mmap))) {
                assertThat(Files.readString(Path.of("/proc/self/maps")).contains(file.toString())).isEqualTo(mmap);
                assertThat(Generations.greedy(model, Generations.STORY_PROMPT, 3)).isEqualTo(", there was");
            }
        }
    }
}

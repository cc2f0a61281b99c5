package org.barnraiser.coordinator.library;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.barnraiser.coordinator.library.ModelSource.HubRepository;
import org.barnraiser.coordinator.library.ModelSource.LocalFile;
import org.barnraiser.coordinator.library.ModelSource.WebFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ModelSourceTest {

    @Test
    void a_repository_may_name_a_quantisation_a_file_and_a_revision() throws Exception {
        assertThat(ModelSource.parse("hf:Qwen/Qwen3-8B-GGUF"))
                .isEqualTo(new HubRepository("Qwen/Qwen3-8B-GGUF", Optional.empty(), "main"));
        assertThat(ModelSource.parse("hf:Qwen/Qwen3-8B-GGUF/Q4_K_M@v1.0"))
                .isEqualTo(new HubRepository("Qwen/Qwen3-8B-GGUF", Optional.of("Q4_K_M"), "v1.0"));
        assertThat(ModelSource.parse("hf:a/b/sub/m.gguf@refs/pr/1"))
                .isEqualTo(new HubRepository("a/b", Optional.of("sub/m.gguf"), "refs/pr/1"));
    }

    @Test
    void an_address_and_a_path_are_what_they_look_like() throws Exception {
        assertThat(ModelSource.parse("https://example.org/m.gguf"))
                .isEqualTo(new WebFile(URI.create("https://example.org/m.gguf")));
        assertThat(ModelSource.parse("models/m.gguf")).isEqualTo(new LocalFile(Path.of("models/m.gguf")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hf:", "hf:owner", "hf:a/b/../../etc", "hf:a/b@x y", "https://", "https://u:p@h/m.gguf",
            "http://[bad", "", " "})
    void what_cannot_be_read_is_refused_in_one_sentence(String text) {
        assertThatThrownBy(() -> ModelSource.parse(text)).isInstanceOf(LibraryException.class)
                .hasMessageEndingWith(".");
    }
}

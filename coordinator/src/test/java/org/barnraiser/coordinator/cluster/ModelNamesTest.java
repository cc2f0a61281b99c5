package org.barnraiser.coordinator.cluster;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ModelNamesTest {

    @ParameterizedTest
    @CsvSource({"Qwen3 8B Instruct, x.gguf, qwen3-8b-instruct", "Llama 3.1, x.gguf, llama-3.1",
            "'', Tiny_Llama-Q4.GGUF, tiny-llama-q4",
            "-..-, stories260K.gguf, stories260k", "模型, 模型.gguf, model"})
    void a_name_is_made_of_lower_case_letters_digits_dots_and_hyphens(String general, Path file, String name) {
        assertThat(ModelNames.of(general, file)).isEqualTo(name);
    }
}

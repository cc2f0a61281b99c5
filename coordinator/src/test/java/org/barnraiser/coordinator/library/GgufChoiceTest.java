package org.barnraiser.coordinator.library;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class GgufChoiceTest {
    private static final List<String> USUAL = List.of("README.md", "m-Q4_K_M.gguf", "m-Q4_K.gguf", "m-Q8_0.gguf",
            "mmproj-m-F16.gguf", "big/m-BF16-00002-of-00002.gguf", "big/m-BF16-00001-of-00002.gguf");

    @Test
    void the_only_model_is_taken_without_a_wish() throws Exception {
        assertThat(choose(List.of("x.txt", "m.GGUF", "mmproj.gguf"), "")).containsExactly("m.GGUF");
    }

    @Test
    void without_a_wish_the_usual_quantisation_is_taken() throws Exception {
        assertThat(choose(USUAL, "")).containsExactly("m-Q4_K_M.gguf");
    }

    @Test
    void a_quantisation_is_found_whatever_its_case_and_not_as_a_part_of_another() throws Exception {
        assertThat(choose(USUAL, "q8_0")).containsExactly("m-Q8_0.gguf");
        assertThat(choose(USUAL, "Q4_K")).containsExactly("m-Q4_K.gguf");
    }

    @Test
    void all_files_of_a_split_set_are_taken_in_order() throws Exception {
        assertThat(choose(USUAL, "BF16")).containsExactly("big/m-BF16-00001-of-00002.gguf",
                "big/m-BF16-00002-of-00002.gguf");
        assertThat(choose(USUAL, "big/m-BF16-00002-of-00002.gguf")).hasSize(2);
    }

    @Test
    void a_set_that_lacks_a_part_is_refused() {
        assertThatThrownBy(() -> choose(List.of("m-00001-of-00003.gguf", "m-00003-of-00003.gguf"), ""))
                .isInstanceOf(LibraryException.class).hasMessageContaining("2 of the 00003 parts");
    }

    @Test
    void an_unknown_quantisation_is_answered_with_those_that_are_there() {
        assertThatThrownBy(() -> choose(USUAL, "Q3_K_S")).isInstanceOf(LibraryException.class)
                .hasMessage("a/b has no \"Q3_K_S\"; it has big/m-BF16, m-Q4_K, m-Q4_K_M, m-Q8_0.");
    }

    @Test
    void a_repository_without_a_model_says_where_to_look() {
        assertThatThrownBy(() -> choose(List.of("model.safetensors"), "")).isInstanceOf(LibraryException.class)
                .hasMessageContaining("holds no GGUF file").hasMessageContaining("-GGUF");
    }

    @Test
    void several_models_without_the_usual_one_ask_for_a_choice() {
        assertThatThrownBy(() -> choose(List.of("a-Q8_0.gguf", "b-Q8_0.gguf"), ""))
                .isInstanceOf(LibraryException.class).hasMessageContaining("several models: a-Q8_0, b-Q8_0");
        assertThatThrownBy(() -> choose(List.of("a-Q8_0-x.gguf", "b-Q8_0-x.gguf"), "Q8_0"))
                .isInstanceOf(LibraryException.class).hasMessageContaining("fits 2 models");
    }

    private static List<String> choose(List<String> paths, String wanted) throws LibraryException {
        return new GgufChoice("a/b", paths).choose(Optional.of(wanted).filter(text -> !text.isEmpty()));
    }
}

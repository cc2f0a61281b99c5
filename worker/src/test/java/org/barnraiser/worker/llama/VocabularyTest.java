package org.barnraiser.worker.llama;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class VocabularyTest {
    private static final String TEXT = "Barns are raised by many hands — déjà vu, 谷倉, \uD83C\uDF3E!\n\tThe end.";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void pieces_of_a_tokenized_text_are_the_text(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.demo())) {
            assertThat(text(model.vocabulary(), model.vocabulary().tokenize(TEXT, true, false))).isEqualTo(TEXT);
        }
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories())) {
            assertThat(text(model.vocabulary(), model.vocabulary().tokenize(TEXT, true, false))).isEqualTo(" " + TEXT);
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void control_tokens_are_read_only_where_asked_for(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.demo())) {
            Vocabulary vocabulary = model.vocabulary();
            assertThat(vocabulary.tokenize("<|im_end|>", false, true)).containsExactly(2);
            assertThat(vocabulary.tokenize("<|im_end|>", false, false)).hasSizeGreaterThan(1).doesNotContain(2);
            assertThat(vocabulary.isControl(2)).isTrue();
            assertThat(vocabulary.isEndOfGeneration(2)).isTrue();
            assertThat(vocabulary.piece(2)).isEmpty();
            assertThat(new String(vocabulary.piece(2, true), StandardCharsets.UTF_8)).isEqualTo("<|im_end|>");
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void special_tokens_of_the_model_are_known(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories())) {
            Vocabulary vocabulary = model.vocabulary();
            assertThat(vocabulary.size()).isEqualTo(512);
            assertThat(vocabulary.beginToken()).hasValue(1);
            assertThat(vocabulary.endToken()).hasValue(2);
            assertThat(vocabulary.addsBeginToken()).isTrue();
            assertThat(vocabulary.tokenize("a", true, false)).startsWith(1);
            assertThat(vocabulary.tokenize("", false, false)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void too_long_a_text_and_a_token_beyond_the_vocabulary_are_refused(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories())) {
            Vocabulary vocabulary = model.vocabulary();
            assertThatThrownBy(() -> vocabulary.tokenize("x".repeat(Vocabulary.MAX_TEXT_BYTES + 1), false, false))
                    .isInstanceOf(TokenizationException.class);
            assertThatThrownBy(() -> vocabulary.piece(512)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> vocabulary.isEndOfGeneration(-1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_long_word_is_no_danger_and_an_endless_one_is_refused(LlamaAbi abi) throws Exception {
        Path byteLevel = ByteLevelModel.write(TestEngines.stories(), folder.resolve("bytes.gguf"));
        try (LlamaModel model = TestEngines.load(abi, byteLevel)) {
            Vocabulary vocabulary = model.vocabulary();
            for (String unit : new String[]{"a", " ", "7", "!", "\n", "ü"}) {
                String word = unit.repeat(50_000);
                assertThat(text(vocabulary, vocabulary.tokenize(word, false, false))).isEqualTo(word);
                assertThatThrownBy(() -> vocabulary.tokenize(word + unit, false, false))
                        .isInstanceOf(TokenizationException.class).hasMessageContaining("in a row");
            }
        }
    }

    private static String text(Vocabulary vocabulary, int[] tokens) {
        var bytes = new ByteArrayOutputStream();
        for (int token : tokens) {
            bytes.writeBytes(vocabulary.piece(token));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}

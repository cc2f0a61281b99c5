package org.barnraiser.coordinator.gguf;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** A model guesses only for one whose tokens are the same. */
class VocabularyDifferenceTest {
    @TempDir
    private Path folder;

    private Optional<String> differenceOf(String architecture, Consumer<GgufWriter> change) throws Exception {
        TinyModel changed = TinyModel.of(architecture, 3);
        change.accept(changed.writer());
        try (ModelFile model = ModelFile.open(TinyModel.of("llama", 2).writeTo(folder.resolve("model.gguf")));
                ModelFile draft = ModelFile.open(changed.writeTo(folder.resolve("draft.gguf")))) {
            return draft.vocabularyDifference(model);
        }
    }

    @Test
    void another_architecture_with_the_same_tokens_may_guess() throws Exception {
        assertThat(differenceOf("qwen2", _ -> {})).isEmpty();
    }

    @Test
    void a_token_of_another_text_is_named() throws Exception {
        List<String> tokens = new ArrayList<>(TinyModel.tokens());
        int last = tokens.size() - 1;
        tokens.set(last, "another");
        assertThat(differenceOf("llama",
                writer -> writer.putArray("tokenizer.ggml.tokens", MetadataArray.ofTexts(tokens))))
                .hasValue("token " + last + " has another text");
    }

    @Test
    void another_end_or_beginning_is_named() throws Exception {
        assertThat(differenceOf("llama", writer -> writer.putUInt32("tokenizer.ggml.eos_token_id", 1)))
                .hasValue("tokenizer.ggml.eos_token_id is another token");
        assertThat(differenceOf("llama", writer -> writer.remove("tokenizer.ggml.bos_token_id")))
                .hasValue("tokenizer.ggml.bos_token_id is another token");
    }

    @Test
    void other_types_of_tokens_are_noticed() throws Exception {
        int[] types = new int[TinyModel.tokens().size()];
        Arrays.fill(types, 1);
        assertThat(differenceOf("llama",
                writer -> writer.putArray("tokenizer.ggml.token_type", MetadataArray.ofInt32(types))))
                .hasValue("its tokens are of other types");
        assertThat(differenceOf("llama", writer -> writer.remove("tokenizer.ggml.token_type")))
                .hasValue("its tokens are of other types");
    }

    @Test
    void another_kind_of_tokenizer_is_noticed() throws Exception {
        assertThat(differenceOf("llama", writer -> writer.putText("tokenizer.ggml.model", "gpt2")))
                .hasValue("its tokenizer is of the kind gpt2, not llama");
    }
}

package org.barnraiser.testing.models;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.barnraiser.coordinator.gguf.MetadataValue;

/**
 * A valid SentencePiece vocabulary: control tokens, the 256 bytes, printable ASCII, and syllables to fill it up. Every
 * text can be tokenized, and every prompt in ChatML.
 */
final class TestVocabulary {

    /** Control tokens, bytes and printable characters, and some syllables so that not all text is single characters. */
    static final int MINIMUM_SIZE = 384;

    static final int BEGIN = 1;
    static final int END = 2;

    static final String CHAT_TEMPLATE = """
                                        {% for message in messages %}<|im_start|>{{ message['role'] }}
                                        {{ message['content'] }}<|im_end|>
                                        {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
                                        {% endif %}""";

    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int BYTE = 6;

    private static final char SPACE = '\u2581';
    private static final String ONSETS = "bdfghklmnprstvw";
    private static final String VOWELS = "aeiou";

    private final List<String> tokens = new ArrayList<>();
    private final List<Integer> kinds = new ArrayList<>();

    private TestVocabulary(int size) {
        add("<unk>", UNKNOWN);
        add("<s>", CONTROL);
        add("</s>", CONTROL);
        for (int value = 0; value < 256; value++) {
            add("<0x%02X>".formatted(value), BYTE);
        }
        add("<|im_start|>", CONTROL);
        add("<|im_end|>", CONTROL);
        // llama.cpp insists on it in models of some names, such as phi3.
        add("<|endoftext|>", CONTROL);
        add(String.valueOf(SPACE), NORMAL);
        for (char character = '!'; character <= '~'; character++) {
            add(String.valueOf(character), NORMAL);
        }
        for (long number = 0; tokens.size() < size; number++) {
            add(word(number), NORMAL);
        }
    }

    static TestVocabulary ofSize(int size) {
        if (size < MINIMUM_SIZE) {
            throw new IllegalArgumentException("A vocabulary needs at least " + MINIMUM_SIZE + " tokens, not " + size);
        }
        return new TestVocabulary(size);
    }

    /** By id. */
    List<String> tokens() {
        return List.copyOf(tokens);
    }

    /** The {@code tokenizer.*} keys. */
    Map<String, MetadataValue> metadata() {
        var scores = new float[tokens.size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = kinds.get(i) == NORMAL ? -i : 0;
        }
        Map<String, MetadataValue> metadata = new LinkedHashMap<>();
        metadata.put("tokenizer.ggml.model", Values.of("llama"));
        metadata.put("tokenizer.ggml.tokens", Values.of(tokens));
        metadata.put("tokenizer.ggml.scores", Values.of(scores));
        metadata.put("tokenizer.ggml.token_type", Values.of(kinds.stream().mapToInt(Integer::intValue).toArray()));
        metadata.put("tokenizer.ggml.bos_token_id", Values.of(BEGIN));
        metadata.put("tokenizer.ggml.eos_token_id", Values.of(END));
        metadata.put("tokenizer.ggml.unknown_token_id", Values.of(0));
        metadata.put("tokenizer.ggml.add_bos_token", Values.of(true));
        metadata.put("tokenizer.ggml.add_eos_token", Values.of(false));
        metadata.put("tokenizer.chat_template", Values.of(CHAT_TEMPLATE));
        return metadata;
    }

    private void add(String token, int kind) {
        tokens.add(token);
        kinds.add(kind);
    }

    /**
     * The number's own word: syllables, the least significant first; even numbers have a space before it, odd ones
     * none.
     */
    private static String word(long number) {
        var word = new StringBuilder(number % 2 == 0 ? String.valueOf(SPACE) : "");
        int syllables = ONSETS.length() * VOWELS.length();
        for (long rest = number / 2; rest >= 0; rest = rest / syllables - 1) {
            int syllable = (int) (rest % syllables);
            word.append(ONSETS.charAt(syllable / VOWELS.length())).append(VOWELS.charAt(syllable % VOWELS.length()));
        }
        return word.toString();
    }
}

package org.barnraiser.worker.llama;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Runs llama_tokenize with the stack that it may need. Many tokenizers split texts with std::regex, which recurses for every
 * character of a match: ten thousand letters in a row are more than a Java thread's usual megabyte, and the end of the process.
 */
final class TokenizerStack {
    /** Up to 1.7 KiB were seen, on both ABIs. */
    private static final long BYTES_PER_CHARACTER = 3 << 10;
    private static final long BASE_BYTES = 1 << 20;

    /** Shorter texts need no stack worth a thread. */
    private static final int SHORT_TEXT_CHARS = 100;

    /** Only such a run makes a match long; more would use memory without bounds that anyone means. */
    private static final int MAX_RUN_CHARS = 50_000;

    private enum CharacterClass {
        LETTER, DIGIT, SPACE, OTHER
    }

    private TokenizerStack() {}

    static <T> T call(String text, Supplier<T> call) throws TokenizationException {
        if (text.length() <= SHORT_TEXT_CHARS) {
            return call.get();
        }
        if (longestRun(text) > MAX_RUN_CHARS) {
            throw new TokenizationException("the text has more than " + MAX_RUN_CHARS
                    + " characters of one kind in a row, letters, digits, spaces or others; break it up");
        }
        var result = new CompletableFuture<T>();
        long stackBytes = BASE_BYTES + BYTES_PER_CHARACTER * text.length();
        Thread thread = new Thread(null, () -> complete(result, call), "tokenizer", stackBytes);
        thread.start();
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private static <T> void complete(CompletableFuture<T> result, Supplier<T> call) {
        try {
            result.complete(call.get());
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }

    private static int longestRun(String text) {
        int longest = 0;
        int run = 0;
        CharacterClass last = CharacterClass.OTHER;
        for (int position = 0; position < text.length();) {
            int character = text.codePointAt(position);
            CharacterClass current = classOf(character);
            run = current == last ? run + 1 : 1;
            longest = Math.max(longest, run);
            last = current;
            position += Character.charCount(character);
        }
        return longest;
    }

    private static CharacterClass classOf(int character) {
        return switch (Character.getType(character)) {
            case Character.UPPERCASE_LETTER, Character.LOWERCASE_LETTER, Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER, Character.OTHER_LETTER, Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK ->
                CharacterClass.LETTER;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
                CharacterClass.DIGIT;
            case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
                    Character.CONTROL ->
                CharacterClass.SPACE;
            default -> CharacterClass.OTHER;
        };
    }
}

package org.barnraiser.worker.stage;

/**
 * Refuses grammars that would exhaust llama.cpp, whose parser recurses at every parenthesis and whose repetitions are
 * written out one by one. What remains is left to llama.cpp to refuse.
 */
public final class GrammarCheck {
    static final int MAX_CHARS = 512 << 10;
    static final int MAX_NESTING = 128;
    static final int MAX_REPETITION = 2_000;
    static final int MAX_TOTAL_REPETITION = 50_000;

    private final String text;
    private int at;
    private int depth;
    private long repetitions;

    private GrammarCheck(String text) {
        this.text = text;
    }

    /**
     * Returns normally if llama.cpp may see the grammar.
     *
     * @throws IllegalArgumentException says what is wrong
     */
    public static void check(String grammar) {
        if (grammar.length() > MAX_CHARS) {
            throw new IllegalArgumentException(
                    "the grammar has " + grammar.length() + " characters; at most " + MAX_CHARS + " are allowed");
        }
        new GrammarCheck(grammar).scan();
    }

    private void scan() {
        for (; at < text.length(); at++) {
            switch (text.charAt(at)) {
                case '\0' -> throw new IllegalArgumentException("the grammar holds a NUL character");
                case '"' -> skipTo('"');
                case '[' -> skipTo(']');
                case '#' -> skipComment();
                case '(' -> {
                    if (++depth > MAX_NESTING) {
                        throw new IllegalArgumentException("the grammar is nested deeper than " + MAX_NESTING);
                    }
                }
                case ')' -> depth--;
                case '{' -> checkRepetition();
                default -> { // names, operators and spaces
                }
            }
        }
    }

    private void skipTo(char end) {
        for (at++; at < text.length() && text.charAt(at) != end; at++) {
            if (text.charAt(at) == '\\') {
                at++;
            }
        }
    }

    private void skipComment() {
        while (at < text.length() && text.charAt(at) != '\n') {
            at++;
        }
    }

    private void checkRepetition() {
        int end = text.indexOf('}', at);
        if (end < 0) {
            throw new IllegalArgumentException("a repetition in the grammar does not end");
        }
        int most = 0;
        for (String bound : text.substring(at + 1, end).split(",", 2)) {
            most = Math.max(most, bound(bound.strip()));
        }
        repetitions += most;
        if (repetitions > MAX_TOTAL_REPETITION) {
            throw new IllegalArgumentException(
                    "the grammar's repetitions sum to more than " + MAX_TOTAL_REPETITION);
        }
        at = end;
    }

    private static int bound(String digits) {
        if (digits.isEmpty()) {
            return 0;
        }
        if (!digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("a repetition in the grammar is not a number");
        }
        if (digits.length() > 5 || Integer.parseInt(digits) > MAX_REPETITION) {
            throw new IllegalArgumentException(
                    "the grammar repeats something " + shorten(digits) + " times; at most " + MAX_REPETITION
                            + " are allowed");
        }
        return Integer.parseInt(digits);
    }

    private static String shorten(String digits) {
        return digits.length() <= 20 ? digits : digits.substring(0, 20) + "…";
    }
}

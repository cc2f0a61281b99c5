package org.barnraiser.worker.llama;

import java.util.List;
import java.util.Map;

/**
 * What is read of a grammar in llama.cpp's GBNF: its structure, without the characters themselves.
 *
 * @param rules alternatives by rule name
 */
record Gbnf(Map<String, List<Sequence>> rules) {
    /** One alternative: items that follow each other. */
    record Sequence(List<Item> items) {}

    sealed interface Item {
        /** A literal, a character class or a token; {@code length} characters. */
        record Terminal(int length) implements Item {}

        /** A rule by its name. */
        record Reference(String rule) implements Item {}

        /** Alternatives in parentheses. */
        record Group(List<Sequence> alternatives) implements Item {}

        /** An item {@code min} to {@code max} times. */
        record Repetition(Item item, int min, int max) implements Item {
            static final int UNBOUNDED = Integer.MAX_VALUE;
        }
    }
}

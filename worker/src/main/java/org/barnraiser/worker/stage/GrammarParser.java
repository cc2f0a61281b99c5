package org.barnraiser.worker.stage;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads GBNF as llama.cpp b4916 does (llama_grammar_parser), and refuses what would exhaust it. */
final class GrammarParser {
    static final int MAX_RULES = 10_000;
    static final int MAX_NESTING = 128;
    static final int MAX_REPETITION = 2_000;
    static final int MAX_TOTAL_REPETITION = 50_000;
    private static final char END = '\0';

    private final String text;
    private int at;
    private int depth;
    private long repetitions;

    GrammarParser(String text) {
        this.text = text;
    }

    /**
     * The rules by name; a later one of the same name replaces an earlier one.
     *
     * @throws IllegalArgumentException says what is wrong and where
     */
    Map<String, GrammarRule> parse() {
        var rules = new LinkedHashMap<String, GrammarRule>();
        for (skipSpace(true); peek() != END; skipSpace(true)) {
            String name = name();
            skipSpace(false);
            expect("::=");
            skipSpace(true);
            rules.put(name, alternatives(false));
            if (rules.size() > MAX_RULES) {
                throw wrong("it has more than " + MAX_RULES + " rules");
            }
            if (peek() != '\n' && peek() != '\r' && peek() != END) {
                throw wrong("a rule must end with its line");
            }
        }
        if (at < text.length()) {
            throw wrong("a NUL character is not allowed");
        }
        return rules;
    }

    private GrammarRule alternatives(boolean nested) {
        var items = new ArrayList<GrammarRule>();
        items.add(sequence(nested));
        while (peek() == '|') {
            at++;
            skipSpace(true);
            items.add(sequence(nested));
        }
        return new GrammarRule.Alternatives(items);
    }

    private GrammarRule sequence(boolean nested) {
        List<GrammarRule> items = new ArrayList<>();
        while (true) {
            char next = peek();
            if (next == '"') {
                items.add(literal());
            } else if (next == '[') {
                items.add(characterClass());
            } else if (next == '.') {
                at++;
                items.add(new GrammarRule.Characters(false));
            } else if (next == '(') {
                items.add(group());
            } else if (isWord(next)) {
                items.add(new GrammarRule.Reference(name()));
            } else if (next == '*' || next == '+' || next == '?' || next == '{') {
                repeatLast(items, next);
            } else {
                return new GrammarRule.Sequence(items);
            }
            skipSpace(nested);
        }
    }

    private GrammarRule group() {
        if (++depth > MAX_NESTING) {
            throw wrong("it is nested deeper than " + MAX_NESTING);
        }
        at++;
        skipSpace(true);
        GrammarRule inner = alternatives(true);
        expect(")");
        depth--;
        return inner;
    }

    private GrammarRule literal() {
        at++;
        boolean none = true;
        for (; peek() != '"'; none = false) {
            character();
        }
        at++;
        return new GrammarRule.Characters(none);
    }

    private GrammarRule characterClass() {
        at++;
        if (peek() == '^') {
            at++;
        }
        while (peek() != ']') {
            character();
            if (peek() == '-' && at + 1 < text.length() && text.charAt(at + 1) != ']') {
                at++;
                character();
            }
        }
        at++;
        return new GrammarRule.Characters(false);
    }

    private void character() {
        char c = peek();
        if (c == END) {
            throw wrong("it ends within quotes or brackets");
        }
        at++;
        if (c != '\\') {
            return;
        }
        char escaped = peek();
        at++;
        switch (escaped) {
            case 'x' -> hexDigits(2);
            case 'u' -> hexDigits(4);
            case 'U' -> hexDigits(8);
            case 't', 'r', 'n', '\\', '"', '[', ']' -> {
                // one character
            }
            default -> throw wrong("an escape is unknown");
        }
    }

    private void hexDigits(int count) {
        for (int i = 0; i < count; i++, at++) {
            if (Character.digit(peek(), 16) < 0) {
                throw wrong("hexadecimal digits are missing");
            }
        }
    }

    private void repeatLast(List<GrammarRule> items, char operator) {
        if (items.isEmpty()) {
            throw wrong("there is nothing to repeat");
        }
        String name = " repetition at " + at;
        at++;
        GrammarRule item = items.removeLast();
        items.add(switch (operator) {
            case '*' -> new GrammarRule.Repetition(item, 0, true, name);
            case '+' -> new GrammarRule.Repetition(item, 1, true, name);
            case '?' -> new GrammarRule.Repetition(item, 0, false, name);
            default -> bounded(item, name);
        });
    }

    private GrammarRule bounded(GrammarRule item, String name) {
        skipSpace(true);
        int min = peek() == ',' ? 0 : number();
        skipSpace(true);
        int max = min;
        boolean endless = false;
        if (peek() == ',') {
            at++;
            skipSpace(true);
            endless = peek() == '}';
            max = endless ? min : number();
            skipSpace(true);
        }
        expect("}");
        repetitions += max;
        if (max < min) {
            throw wrong("a repetition's end is before its start");
        }
        if (repetitions > MAX_TOTAL_REPETITION) {
            throw wrong("its repetitions sum to more than " + MAX_TOTAL_REPETITION);
        }
        return new GrammarRule.Repetition(item, min, endless, name);
    }

    private int number() {
        int start = at;
        int value = 0;
        for (; peek() >= '0' && peek() <= '9'; at++) {
            value = value * 10 + (peek() - '0');
            if (value > MAX_REPETITION) {
                throw wrong("something is repeated more than " + MAX_REPETITION + " times");
            }
        }
        if (at == start) {
            throw wrong("a number is expected");
        }
        return value;
    }

    private String name() {
        int start = at;
        while (isWord(peek())) {
            at++;
        }
        if (at == start) {
            throw wrong("a rule's name is expected");
        }
        return text.substring(start, at);
    }

    private static boolean isWord(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    }

    private void skipSpace(boolean lines) {
        while (true) {
            char c = peek();
            if (c == '#') {
                while (peek() != END && peek() != '\n' && peek() != '\r') {
                    at++;
                }
            } else if (c == ' ' || c == '\t' || (lines && (c == '\n' || c == '\r'))) {
                at++;
            } else {
                return;
            }
        }
    }

    private void expect(String expected) {
        if (!text.startsWith(expected, at)) {
            throw wrong("\"" + expected + "\" is expected");
        }
        at += expected.length();
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : END;
    }

    private IllegalArgumentException wrong(String problem) {
        return new IllegalArgumentException("the grammar is wrong at character " + at + ": " + problem);
    }
}

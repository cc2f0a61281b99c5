package org.barnraiser.worker.llama;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.barnraiser.worker.llama.Gbnf.Item;
import org.barnraiser.worker.llama.Gbnf.Sequence;

/**
 * Reads GBNF. llama.cpp prints a text that it cannot read, and its parser's recursion can run out of stack; so what reaches it has
 * been read here first. Messages tell the place and never quote the text.
 */
final class GbnfParser {
    private static final int MAX_CHARS = 1 << 19;
    private static final int MAX_NESTING = 200;
    private static final int MAX_NUMBER_DIGITS = 6;

    /** What may follow a backslash; b4916 does not know the hyphen. */
    private static final String ESCAPES = "\\\"[]nrtxuU-";

    private final String text;
    private int position;
    private int nesting;

    private GbnfParser(String text) {
        this.text = text;
    }

    static Gbnf parse(String text) throws SamplerException {
        if (text.length() > MAX_CHARS) {
            throw new SamplerException(
                    "the grammar has " + text.length() + " characters; at most " + MAX_CHARS + " are allowed");
        }
        return new GbnfParser(text).grammar();
    }

    private Gbnf grammar() throws SamplerException {
        Map<String, List<Sequence>> rules = new LinkedHashMap<>();
        skipSpace(true);
        while (!atEnd()) {
            String name = name();
            skipSpace(false);
            expect("::=");
            skipSpace(true);
            rules.put(name, alternatives());
            require(atEnd() || isNewline(peek()), "the end of the line");
            skipSpace(true);
        }
        return new Gbnf(rules);
    }

    private List<Sequence> alternatives() throws SamplerException {
        List<Sequence> alternatives = new ArrayList<>();
        alternatives.add(sequence());
        while (!atEnd() && peek() == '|') {
            position++;
            skipSpace(true);
            alternatives.add(sequence());
        }
        return alternatives;
    }

    private Sequence sequence() throws SamplerException {
        List<Item> items = new ArrayList<>();
        while (!atEnd()) {
            char next = peek();
            switch (next) {
                case '"' -> items.add(literal());
                case '[' -> items.add(characterClass());
                case '(' -> items.add(group());
                case '.' -> {
                    position++;
                    items.add(new Item.Terminal(1));
                }
                case '<', '!' -> items.add(token());
                case '*', '+', '?', '{' -> repeatLast(items);
                default -> {
                    if (!isNameCharacter(next)) {
                        return new Sequence(items);
                    }
                    items.add(new Item.Reference(name()));
                }
            }
            skipSpace(nesting > 0);
        }
        return new Sequence(items);
    }

    private Item literal() throws SamplerException {
        return new Item.Terminal(quoted('"'));
    }

    private Item characterClass() throws SamplerException {
        quoted(']');
        return new Item.Terminal(1);
    }

    /** A token by its id or text, which v0.5 knows: {@code <[7]>}, {@code <think>}, {@code !<think>}. */
    private Item token() throws SamplerException {
        if (peek() == '!') {
            position++;
        }
        expect("<");
        while (!atEnd() && peek() != '>' && !isNewline(peek())) {
            position++;
        }
        expect(">");
        return new Item.Terminal(1);
    }

    private Item group() throws SamplerException {
        position++;
        nesting++;
        require(nesting <= MAX_NESTING, "at most " + MAX_NESTING + " nested parentheses");
        skipSpace(true);
        List<Sequence> alternatives = alternatives();
        expect(")");
        nesting--;
        return new Item.Group(alternatives);
    }

    private void repeatLast(List<Item> items) throws SamplerException {
        require(!items.isEmpty(), "something to repeat");
        Item last = items.removeLast();
        char operator = text.charAt(position++);
        items.add(switch (operator) {
            case '*' -> new Item.Repetition(last, 0, Item.Repetition.UNBOUNDED);
            case '+' -> new Item.Repetition(last, 1, Item.Repetition.UNBOUNDED);
            case '?' -> new Item.Repetition(last, 0, 1);
            default -> braces(last);
        });
    }

    private Item braces(Item last) throws SamplerException {
        skipSpace(nesting > 0);
        int min = number();
        int max = min;
        skipSpace(nesting > 0);
        if (!atEnd() && peek() == ',') {
            position++;
            skipSpace(nesting > 0);
            max = !atEnd() && isDigit(peek()) ? number() : Item.Repetition.UNBOUNDED;
            skipSpace(nesting > 0);
        }
        expect("}");
        require(max >= min, "a range from less to more");
        return new Item.Repetition(last, min, max);
    }

    private int number() throws SamplerException {
        int start = position;
        while (!atEnd() && isDigit(peek())) {
            position++;
        }
        int digits = position - start;
        require(digits >= 1 && digits <= MAX_NUMBER_DIGITS, "a number of 1 to " + MAX_NUMBER_DIGITS + " digits");
        return Integer.parseInt(text.substring(start, position));
    }

    /** Skips to behind the end, and counts characters, of which an escape is one. */
    private int quoted(char end) throws SamplerException {
        position++;
        int characters = 0;
        while (!atEnd() && peek() != end) {
            if (peek() == '\\') {
                skipEscape();
            } else {
                position++;
            }
            characters++;
        }
        expect(String.valueOf(end));
        return characters;
    }

    private void skipEscape() throws SamplerException {
        position++;
        require(!atEnd() && ESCAPES.indexOf(peek()) >= 0, "one of " + ESCAPES + " after a backslash");
        int hexDigits = switch (text.charAt(position++)) {
            case 'x' -> 2;
            case 'u' -> 4;
            case 'U' -> 8;
            default -> 0;
        };
        for (int i = 0; i < hexDigits; i++) {
            require(!atEnd() && HexFormat.isHexDigit(peek()), hexDigits + " hexadecimal digits");
            position++;
        }
    }

    private String name() throws SamplerException {
        int start = position;
        while (!atEnd() && isNameCharacter(peek())) {
            position++;
        }
        require(position > start, "the name of a rule");
        return text.substring(start, position);
    }

    private void skipSpace(boolean overLines) {
        while (!atEnd()) {
            char next = peek();
            if (next == '#') {
                while (!atEnd() && !isNewline(peek())) {
                    position++;
                }
            } else if (next == ' ' || next == '\t' || (overLines && isNewline(next))) {
                position++;
            } else {
                return;
            }
        }
    }

    private void expect(String expected) throws SamplerException {
        require(text.startsWith(expected, position), expected);
        position += expected.length();
    }

    private void require(boolean condition, String expected) throws SamplerException {
        if (!condition) {
            int place = Math.min(position, text.length());
            long line = text.substring(0, place).lines().count();
            throw new SamplerException("the grammar cannot be read at character %d (line %d): expected %s"
                    .formatted(place, Math.max(1, line), expected));
        }
    }

    private boolean atEnd() {
        return position >= text.length();
    }

    private char peek() {
        return text.charAt(position);
    }

    private static boolean isNewline(char character) {
        return character == '\n' || character == '\r';
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    private static boolean isNameCharacter(char character) {
        return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
                || isDigit(character) || character == '-';
    }
}

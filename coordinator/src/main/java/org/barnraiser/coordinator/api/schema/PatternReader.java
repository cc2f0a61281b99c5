package org.barnraiser.coordinator.api.schema;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads regular expressions of JSON schemas (ECMA 262) as rules for the inside of a JSON string. Where an expression leaves open
 * what stands before or behind, anything may.
 */
final class PatternReader {
    private static final int MAX_REPETITIONS = 1_000;
    private static final int MAX_NESTING = 50;
    private static final CharacterSet DIGITS = CharacterSet.range('0', '9');
    private static final CharacterSet WORD = CharacterSet.union(List.of(DIGITS, CharacterSet.range('a', 'z'),
            CharacterSet.range('A', 'Z'), CharacterSet.of("_")));
    private static final CharacterSet SPACE = CharacterSet.of(" \t\n\r\f\u000b");
    /** What one reader of expressions or another takes for space. */
    private static final CharacterSet MAYBE_SPACE = SPACE
            .plus(CharacterSet.of("\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff\u0085\u001c\u001d\u001e\u001f"))
            .plus(CharacterSet.range(0x2000, 0x200a));
    private static final CharacterSet LINE_ENDS = CharacterSet.of("\n\r\u2028\u2029\u0085");
    private static final String SHORT_ESCAPES = "\"\\\n\t\r\f\b";
    private static final String SHORT_NAMES = "\"\\ntrfb";

    private final String pattern;
    private int at;
    private int nesting;

    private PatternReader(String pattern) {
        this.pattern = pattern;
    }

    static Rule read(String pattern) throws UnsupportedSchemaException {
        PatternReader reader = new PatternReader(pattern);
        List<Rule> alternatives = new ArrayList<>();
        do {
            alternatives.add(reader.anchored());
        } while (reader.take('|'));
        if (reader.at < pattern.length()) {
            throw unsupported("an unpaired ')'");
        }
        return Rule.choice(alternatives);
    }

    private Rule anchored() throws UnsupportedSchemaException {
        List<Rule> parts = new ArrayList<>();
        if (!take('^')) {
            parts.add(Rule.any(JsonRules.CHARACTER));
        }
        parts.add(sequence());
        if (!take('$')) {
            parts.add(Rule.any(JsonRules.CHARACTER));
        } else if (at < pattern.length() && pattern.charAt(at) != '|') {
            throw unsupported("'$' that is not at the end");
        }
        return new Rule.Sequence(parts);
    }

    private Rule alternatives() throws UnsupportedSchemaException {
        List<Rule> alternatives = new ArrayList<>();
        do {
            alternatives.add(sequence());
        } while (take('|'));
        return Rule.choice(alternatives);
    }

    private Rule sequence() throws UnsupportedSchemaException {
        List<Rule> parts = new ArrayList<>();
        while (at < pattern.length() && "|)$".indexOf(pattern.charAt(at)) < 0) {
            parts.add(repeated(atom()));
        }
        return new Rule.Sequence(parts);
    }

    private Rule atom() throws UnsupportedSchemaException {
        int character = pattern.codePointAt(at);
        at += Character.charCount(character);
        return switch (character) {
            case '(' -> group();
            case '[' -> one(characterClass());
            case '.' -> one(LINE_ENDS.complement());
            case '\\' -> one(escape(false));
            case '^' -> throw unsupported("'^' that is not at the beginning");
            case '*', '+', '?', '{', '}', ']' -> throw unsupported("'" + (char) character + "' without a backslash");
            default -> one(CharacterSet.of(Character.toString(character)));
        };
    }

    private Rule group() throws UnsupportedSchemaException {
        if (take('?') && !take(':')) {
            throw unsupported("looking ahead or behind, or a named group");
        }
        if (++nesting > MAX_NESTING) {
            throw unsupported("groups that are nested deeper than " + MAX_NESTING);
        }
        Rule inside = alternatives();
        if (!take(')')) {
            throw unsupported(at < pattern.length() ? "'$' within a group" : "an unpaired '('");
        }
        nesting--;
        return inside;
    }

    private Rule repeated(Rule rule) throws UnsupportedSchemaException {
        Rule result = rule;
        if (take('*')) {
            result = endless(rule, 0);
        } else if (take('+')) {
            result = endless(rule, 1);
        } else if (take('?')) {
            result = Rule.optional(rule);
        } else if (take('{')) {
            int min = count();
            int max = min;
            if (take(',')) {
                max = at < pattern.length() && pattern.charAt(at) != '}' ? count() : Rule.Repeat.UNBOUNDED;
            }
            if (!take('}') || max < min) {
                throw unsupported("a repetition that cannot be read");
            }
            result = max == Rule.Repeat.UNBOUNDED ? endless(rule, min) : Rule.repeat(rule, min, max);
        }
        take('?'); // whether it takes as few as it can makes no difference to what it allows
        if (at < pattern.length() && "*+?{".indexOf(pattern.charAt(at)) >= 0) {
            throw unsupported("a repetition of a repetition");
        }
        return result;
    }

    private Rule endless(Rule rule, int min) throws UnsupportedSchemaException {
        if (mayBeEmpty(rule)) {
            throw unsupported("an endless repetition of what may be empty");
        }
        return Rule.repeat(rule, min, Rule.Repeat.UNBOUNDED);
    }

    private static boolean mayBeEmpty(Rule rule) {
        return switch (rule) {
            case Rule.Literal(String text) -> text.isEmpty();
            case Rule.OneOf _,Rule.Named _ -> false;
            case Rule.Sequence(List<Rule> rules) -> rules.stream().allMatch(PatternReader::mayBeEmpty);
            case Rule.Choice(List<Rule> rules) -> rules.stream().anyMatch(PatternReader::mayBeEmpty);
            case Rule.Repeat(Rule repeated, int min, _) -> min == 0 || mayBeEmpty(repeated);
        };
    }

    private int count() throws UnsupportedSchemaException {
        int from = at;
        while (at < pattern.length() && pattern.charAt(at) >= '0' && pattern.charAt(at) <= '9') {
            at++;
        }
        if (at == from || at - from > 4 || Integer.parseInt(pattern.substring(from, at)) > MAX_REPETITIONS) {
            throw unsupported("a repetition of more than " + MAX_REPETITIONS);
        }
        return Integer.parseInt(pattern.substring(from, at));
    }

    private CharacterSet characterClass() throws UnsupportedSchemaException {
        boolean negated = take('^');
        CharacterSet set = new CharacterSet(List.of());
        while (at < pattern.length() && pattern.charAt(at) != ']') {
            CharacterSet first = member(negated);
            if (at + 1 < pattern.length() && pattern.charAt(at) == '-' && pattern.charAt(at + 1) != ']') {
                at++;
                CharacterSet last = member(negated);
                int from = first.ranges().getFirst().first();
                int to = last.ranges().getLast().last();
                if (!single(first) || !single(last) || from > to) {
                    throw unsupported("a range that cannot be read");
                }
                set = set.plus(CharacterSet.range(from, to));
            } else {
                set = set.plus(first);
            }
        }
        if (!take(']')) {
            throw unsupported("an unpaired '['");
        }
        return negated ? set.complement() : set.and(CharacterSet.ALL);
    }

    private static boolean single(CharacterSet set) {
        return set.ranges().size() == 1 && set.ranges().getFirst().first() == set.ranges().getFirst().last();
    }

    private CharacterSet member(boolean negated) throws UnsupportedSchemaException {
        int character = pattern.codePointAt(at);
        at += Character.charCount(character);
        if (character == '[' || (character == '&' && at < pattern.length() && pattern.charAt(at) == '&')) {
            // Some readers of expressions take these for sets within sets.
            throw unsupported("'" + (char) character + "' without a backslash in a class");
        }
        return character == '\\' ? escape(negated) : CharacterSet.of(Character.toString(character));
    }

    /** @param negated whether the characters are to be left out, so that all in doubt belong to them */
    private CharacterSet escape(boolean negated) throws UnsupportedSchemaException {
        if (at == pattern.length()) {
            throw unsupported("a backslash at the end");
        }
        char name = pattern.charAt(at++);
        return switch (name) {
            case 'd' -> DIGITS;
            case 'D' -> DIGITS.complement();
            case 'w' -> WORD;
            case 'W' -> WORD.complement();
            case 's' -> negated ? MAYBE_SPACE : SPACE;
            case 'S' -> negated ? SPACE.complement() : MAYBE_SPACE.complement();
            case 'n' -> CharacterSet.of("\n");
            case 't' -> CharacterSet.of("\t");
            case 'r' -> CharacterSet.of("\r");
            case 'f' -> CharacterSet.of("\f");
            case 'x' -> hex(2);
            case 'u' -> hex(4);
            default -> {
                if (Character.isLetterOrDigit(name) || name > 0x7f) {
                    throw unsupported("'\\" + name + "'");
                }
                yield CharacterSet.of(String.valueOf(name));
            }
        };
    }

    private CharacterSet hex(int digits) throws UnsupportedSchemaException {
        try {
            int character = Integer.parseInt(pattern, at, at + digits, 16);
            at += digits;
            return CharacterSet.range(character, character);
        } catch (NumberFormatException | IndexOutOfBoundsException _) {
            throw unsupported("a character code that cannot be read");
        }
    }

    /** A character as JSON writes it inside a string. */
    private Rule one(CharacterSet set) throws UnsupportedSchemaException {
        List<Rule> ways = new ArrayList<>();
        CharacterSet plain = set.and(JsonRules.PLAIN);
        if (!plain.isEmpty()) {
            ways.add(new Rule.OneOf(plain));
        }
        for (int i = 0; i < SHORT_ESCAPES.length(); i++) {
            if (set.contains(SHORT_ESCAPES.charAt(i))) {
                ways.add(Rule.literal("\\" + SHORT_NAMES.charAt(i)));
            }
        }
        if (ways.isEmpty()) {
            throw unsupported("a class without a character that can be written");
        }
        return Rule.choice(ways);
    }

    private boolean take(char expected) {
        boolean there = at < pattern.length() && pattern.charAt(at) == expected;
        at += there ? 1 : 0;
        return there;
    }

    private static UnsupportedSchemaException unsupported(String what) {
        return new UnsupportedSchemaException("has " + what + ", which is not supported");
    }
}

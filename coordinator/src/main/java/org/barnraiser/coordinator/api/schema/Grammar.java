package org.barnraiser.coordinator.api.schema;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A grammar whose words are what its rule {@code root} allows.
 *
 * @param rules by name: lower-case letters, digits and dashes
 */
public record Grammar(Map<String, Rule> rules) {
    /** The rule that all begins with. */
    public static final String ROOT = "root";

    /** As llama.cpp reads it. */
    public String gbnf() {
        StringBuilder text = new StringBuilder();
        rules.forEach((name, rule) -> text.append(name).append(" ::= ").append(top(rule)).append('\n'));
        return text.toString();
    }

    /** Characters and references, with repetitions written out as llama.cpp does. */
    long elements() {
        return rules.values().stream().mapToLong(Grammar::elements).sum();
    }

    /** Without the rules that nothing leads to. */
    Grammar reachable() {
        Map<String, Rule> found = new LinkedHashMap<>();
        Deque<String> waiting = new ArrayDeque<>(List.of(ROOT));
        while (!waiting.isEmpty()) {
            String name = waiting.remove();
            Rule rule = Objects.requireNonNull(rules.get(name));
            if (found.putIfAbsent(name, rule) == null) {
                addReferences(rule, waiting);
            }
        }
        return new Grammar(found);
    }

    private static void addReferences(Rule rule, Deque<String> names) {
        switch (rule) {
            case Rule.Literal _,Rule.OneOf _ -> {
            }
            case Rule.Sequence(List<Rule> rules) -> rules.forEach(each -> addReferences(each, names));
            case Rule.Choice(List<Rule> rules) -> rules.forEach(each -> addReferences(each, names));
            case Rule.Repeat(Rule repeated, _, _) -> addReferences(repeated, names);
            case Rule.Named(String name) -> names.add(name);
        }
    }

    /** The rules that no finite text satisfies. */
    Set<String> endless() {
        Set<String> finite = new HashSet<>();
        boolean grew = true;
        while (grew) {
            grew = false;
            for (Map.Entry<String, Rule> rule : rules.entrySet()) {
                grew |= !finite.contains(rule.getKey()) && ends(rule.getValue(), finite) && finite.add(rule.getKey());
            }
        }
        Set<String> endless = new HashSet<>(rules.keySet());
        endless.removeAll(finite);
        return endless;
    }

    private static boolean ends(Rule rule, Set<String> finite) {
        return switch (rule) {
            case Rule.Literal _ -> true;
            case Rule.OneOf(CharacterSet characters) -> !characters.isEmpty();
            case Rule.Sequence(List<Rule> rules) -> rules.stream().allMatch(each -> ends(each, finite));
            case Rule.Choice(List<Rule> rules) -> rules.stream().anyMatch(each -> ends(each, finite));
            case Rule.Repeat(Rule repeated, int min, _) -> min == 0 || ends(repeated, finite);
            case Rule.Named(String name) -> finite.contains(name);
        };
    }

    private static long elements(Rule rule) {
        return switch (rule) {
            case Rule.Literal(String text) -> text.length();
            case Rule.OneOf(CharacterSet characters) -> characters.ranges().size();
            case Rule.Sequence(List<Rule> rules) -> rules.stream().mapToLong(Grammar::elements).sum();
            case Rule.Choice(List<Rule> rules) -> 1 + rules.stream().mapToLong(Grammar::elements).sum();
            case Rule.Repeat(Rule repeated, int min, int max) -> elements(repeated)
                    * (max == Rule.Repeat.UNBOUNDED ? min + 2L : max + 1L);
            case Rule.Named _ -> 1;
        };
    }

    private static String top(Rule rule) {
        return switch (rule) {
            case Rule.Choice(List<Rule> rules) -> rules.stream().map(Grammar::text).collect(Collectors.joining(" | "));
            case Rule.Sequence(List<Rule> rules) when !rules.isEmpty() ->
                rules.stream().map(Grammar::text).collect(Collectors.joining(" "));
            default -> text(rule);
        };
    }

    private static String text(Rule rule) {
        return switch (rule) {
            case Rule.Literal(String text) -> quoted(text);
            case Rule.OneOf(CharacterSet characters) -> characters.ranges().stream()
                    .map(range -> escaped(range.first())
                            + (range.last() == range.first() ? "" : "-" + escaped(range.last())))
                    .collect(Collectors.joining("", "[", "]"));
            case Rule.Sequence(List<Rule> rules) when rules.isEmpty() -> "\"\"";
            case Rule.Sequence _,Rule.Choice _ -> "(" + top(rule) + ")";
            case Rule.Repeat(Rule repeated, int min, int max) -> text(repeated) + times(min, max);
            case Rule.Named(String name) -> name;
        };
    }

    private static String times(int min, int max) {
        if (max == Rule.Repeat.UNBOUNDED) {
            return min == 0 ? "*" : min == 1 ? "+" : "{" + min + ",}";
        }
        return min == 0 && max == 1 ? "?" : min == max ? "{" + min + "}" : "{" + min + "," + max + "}";
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(character -> {
            if (character == '"' || character == '\\') {
                quoted.append('\\').appendCodePoint(character);
            } else if (character >= ' ' && character < 0x7f) {
                quoted.appendCodePoint(character);
            } else {
                quoted.append(escaped(character));
            }
        });
        return quoted.append('"').toString();
    }

    private static String escaped(int character) {
        if (Character.isLetterOrDigit(character) && character < 0x7f) {
            return Character.toString(character);
        }
        return character < 0x80
                ? String.format("\\x%02X", character)
                : String.format(character <= 0xffff ? "\\u%04X" : "\\U%08X", character);
    }
}

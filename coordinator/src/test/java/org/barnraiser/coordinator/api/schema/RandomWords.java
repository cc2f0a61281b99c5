package org.barnraiser.coordinator.api.schema;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** Writes random words of a grammar, which end soon. */
public final class RandomWords {
    private static final int DEEP = 12;
    private static final int FAR = 1_000;

    private final Grammar grammar;
    private final Random random;
    private final Map<String, Integer> heights = new HashMap<>();

    public RandomWords(Grammar grammar, long seed) {
        this.grammar = grammar;
        this.random = new Random(seed);
        for (int round = 0; round < grammar.rules().size(); round++) {
            grammar.rules().forEach((name, rule) -> heights.merge(name, Math.min(FAR, height(rule) + 1), Math::min));
        }
    }

    public String next() {
        StringBuilder word = new StringBuilder();
        write(new Rule.Named(Grammar.ROOT), 0, word);
        return word.toString();
    }

    private void write(Rule rule, int depth, StringBuilder word) {
        switch (rule) {
            case Rule.Literal(String text) -> word.append(text);
            case Rule.OneOf(CharacterSet characters) -> {
                CharacterSet.Range range = characters.ranges().get(random.nextInt(characters.ranges().size()));
                word.appendCodePoint(range.first() + random.nextInt(range.last() - range.first() + 1));
            }
            case Rule.Sequence(List<Rule> rules) -> rules.forEach(each -> write(each, depth, word));
            case Rule.Choice(List<Rule> rules) -> {
                int least = rules.stream().mapToInt(this::height).min().orElseThrow();
                List<Rule> open = depth < DEEP ? rules : rules.stream().filter(each -> height(each) == least).toList();
                write(open.get(random.nextInt(open.size())), depth, word);
            }
            case Rule.Repeat(Rule repeated, int min, int max) -> {
                int most = depth < DEEP ? (int) Math.min(max, min + 3L) : min;
                for (int i = min + random.nextInt(most - min + 1); i > 0; i--) {
                    write(repeated, depth, word);
                }
            }
            case Rule.Named(String name) -> write(Objects.requireNonNull(grammar.rules().get(name)), depth + 1, word);
        }
    }

    private int height(Rule rule) {
        return switch (rule) {
            case Rule.Literal _,Rule.OneOf _ -> 0;
            case Rule.Sequence(List<Rule> rules) -> rules.stream().mapToInt(this::height).max().orElse(0);
            case Rule.Choice(List<Rule> rules) -> rules.stream().mapToInt(this::height).min().orElse(0);
            case Rule.Repeat(Rule repeated, int min, _) -> min == 0 ? 0 : height(repeated);
            case Rule.Named(String name) -> heights.getOrDefault(name, FAR);
        };
    }
}

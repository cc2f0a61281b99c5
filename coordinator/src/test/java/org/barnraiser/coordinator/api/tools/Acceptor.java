package org.barnraiser.coordinator.api.tools;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.barnraiser.coordinator.api.schema.Grammar;
import org.barnraiser.coordinator.api.schema.Rule;

/** Whether a text is a word of a grammar. */
final class Acceptor {
    private final Grammar grammar;
    private final String text;

    private Acceptor(Grammar grammar, String text) {
        this.grammar = grammar;
        this.text = text;
    }

    static boolean accepts(Grammar grammar, String text) {
        return new Acceptor(grammar, text).ends(new Rule.Named(Grammar.ROOT), Set.of(0)).contains(text.length());
    }

    /** Where the rule may end, having begun at one of these places. */
    private Set<Integer> ends(Rule rule, Set<Integer> from) {
        Set<Integer> ends = new HashSet<>();
        switch (rule) {
            case Rule.Literal(String literal) -> from.stream().filter(at -> text.startsWith(literal, at))
                    .forEach(at -> ends.add(at + literal.length()));
            case Rule.OneOf one -> from.stream().filter(at -> at < text.length()).forEach(at -> {
                int c = text.codePointAt(at);
                if (one.characters().ranges().stream().anyMatch(range -> range.first() <= c && c <= range.last())) {
                    ends.add(at + Character.charCount(c));
                }
            });
            case Rule.Sequence(List<Rule> rules) -> {
                ends.addAll(from);
                for (Rule next : rules) {
                    Set<Integer> after = ends.isEmpty() ? Set.of() : ends(next, Set.copyOf(ends));
                    ends.clear();
                    ends.addAll(after);
                }
            }
            case Rule.Choice(List<Rule> rules) -> rules.forEach(way -> ends.addAll(ends(way, from)));
            case Rule.Repeat(Rule repeated, int min, int max) -> {
                Set<Integer> now = from;
                for (int i = 0; i <= max && !now.isEmpty(); i++) {
                    if (i >= min && !ends.addAll(now) && i > min) {
                        break;
                    }
                    now = ends(repeated, now);
                }
            }
            case Rule.Named(String name) -> {
                if (!from.isEmpty()) {
                    ends.addAll(ends(Objects.requireNonNull(grammar.rules().get(name)), from));
                }
            }
        }
        return ends;
    }
}

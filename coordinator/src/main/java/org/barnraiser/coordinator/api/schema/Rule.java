package org.barnraiser.coordinator.api.schema;

import java.util.List;

/** A part of a grammar over characters. */
public sealed interface Rule {

    /** This text. */
    record Literal(String text) implements Rule {}

    /** One character of these. */
    record OneOf(CharacterSet characters) implements Rule {}

    /** One after the other. */
    record Sequence(List<Rule> rules) implements Rule {}

    /** Any of these, of which there is one at least. */
    record Choice(List<Rule> rules) implements Rule {}

    /** The same several times; {@link #UNBOUNDED} has no end. */
    record Repeat(Rule rule, int min, int max) implements Rule {
        static final int UNBOUNDED = Integer.MAX_VALUE;
    }

    /** What a rule of the grammar says. */
    record Named(String name) implements Rule {}

    static Rule literal(String text) {
        return new Literal(text);
    }

    static Rule sequence(Rule... rules) {
        return new Sequence(List.of(rules));
    }

    /** Any character but these. */
    static Rule noneOf(String characters) {
        return new OneOf(CharacterSet.of(characters).complement());
    }

    static Rule choice(List<Rule> rules) {
        return rules.size() == 1 ? rules.getFirst() : new Choice(List.copyOf(rules));
    }

    static Rule choice(Rule... rules) {
        return choice(List.of(rules));
    }

    static Rule optional(Rule rule) {
        return new Repeat(rule, 0, 1);
    }

    static Rule repeat(Rule rule, int min, int max) {
        return new Repeat(rule, min, max);
    }

    static Rule any(Rule rule) {
        return new Repeat(rule, 0, Repeat.UNBOUNDED);
    }
}

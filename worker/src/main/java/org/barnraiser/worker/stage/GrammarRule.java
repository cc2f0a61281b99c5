package org.barnraiser.worker.stage;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What the right side of a grammar rule consists of, as far as a check needs to know. */
sealed interface GrammarRule {
    /** Whether it may match nothing, given the names of rules that may. */
    boolean isNullable(Set<String> nullableRules);

    /** Adds the names of rules that it may begin with. */
    void addFirst(Set<String> nullableRules, Set<String> first);

    /** The names of all rules that it refers to. */
    Stream<String> references();

    /** Characters: a literal or a class. */
    record Characters(boolean isNone) implements GrammarRule {
        @Override
        public boolean isNullable(Set<String> nullableRules) {
            return isNone;
        }

        @Override
        public void addFirst(Set<String> nullableRules, Set<String> first) {}

        @Override
        public Stream<String> references() {
            return Stream.empty();
        }
    }

    /** Another rule. */
    record Reference(String name) implements GrammarRule {
        @Override
        public boolean isNullable(Set<String> nullableRules) {
            return nullableRules.contains(name);
        }

        @Override
        public void addFirst(Set<String> nullableRules, Set<String> first) {
            first.add(name);
        }

        @Override
        public Stream<String> references() {
            return Stream.of(name);
        }
    }

    /** One after the other. */
    record Sequence(List<GrammarRule> items) implements GrammarRule {
        @Override
        public boolean isNullable(Set<String> nullableRules) {
            return items.stream().allMatch(item -> item.isNullable(nullableRules));
        }

        @Override
        public void addFirst(Set<String> nullableRules, Set<String> first) {
            for (GrammarRule item : items) {
                item.addFirst(nullableRules, first);
                if (!item.isNullable(nullableRules)) {
                    return;
                }
            }
        }

        @Override
        public Stream<String> references() {
            return items.stream().flatMap(GrammarRule::references);
        }
    }

    /** One of several. */
    record Alternatives(List<GrammarRule> items) implements GrammarRule {
        @Override
        public boolean isNullable(Set<String> nullableRules) {
            return items.stream().anyMatch(item -> item.isNullable(nullableRules));
        }

        @Override
        public void addFirst(Set<String> nullableRules, Set<String> first) {
            items.forEach(item -> item.addFirst(nullableRules, first));
        }

        @Override
        public Stream<String> references() {
            return items.stream().flatMap(GrammarRule::references);
        }
    }

    /** Again and again. Without an end, llama.cpp makes it a rule of its own that ends with itself, under this name. */
    record Repetition(GrammarRule item, int min, boolean endless, String name) implements GrammarRule {
        @Override
        public boolean isNullable(Set<String> nullableRules) {
            return min == 0 || item.isNullable(nullableRules);
        }

        @Override
        public void addFirst(Set<String> nullableRules, Set<String> first) {
            item.addFirst(nullableRules, first);
            if (endless && item.isNullable(nullableRules)) {
                first.add(name); // it may begin with itself
            }
        }

        @Override
        public Stream<String> references() {
            return item.references();
        }
    }
}

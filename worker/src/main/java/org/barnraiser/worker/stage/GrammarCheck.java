package org.barnraiser.worker.stage;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Refuses grammars that llama.cpp cannot use. llama.cpp b4916 does not say so itself: its sampler for a grammar that it
 * could not read allows everything.
 */
public final class GrammarCheck {
    static final int MAX_CHARS = 1 << 20;
    private static final String ROOT = "root";

    private final Map<String, GrammarRule> rules;
    private final Set<String> nullable = new HashSet<>();

    private GrammarCheck(Map<String, GrammarRule> rules) {
        this.rules = rules;
    }

    /**
     * Returns normally if llama.cpp can use the grammar with the root rule "root".
     *
     * @throws IllegalArgumentException says what is wrong
     */
    public static void check(String grammar) {
        if (grammar.length() > MAX_CHARS) {
            throw new IllegalArgumentException(
                    "the grammar has " + grammar.length() + " characters; at most " + MAX_CHARS + " are allowed");
        }
        var check = new GrammarCheck(new GrammarParser(grammar).parse());
        if (!check.rules.containsKey(ROOT)) {
            throw new IllegalArgumentException("the grammar has no rule named root");
        }
        check.requireDefined();
        check.findNullable();
        check.refuseLeftRecursion();
    }

    private void requireDefined() {
        for (GrammarRule rule : rules.values()) {
            rule.references().filter(name -> !rules.containsKey(name)).findFirst().ifPresent(_ -> {
                throw new IllegalArgumentException("the grammar refers to a rule that it does not define");
            });
        }
    }

    private void findNullable() {
        boolean changed = true;
        while (changed) {
            changed = false;
            for (var rule : rules.entrySet()) {
                if (!nullable.contains(rule.getKey()) && rule.getValue().isNullable(nullable)) {
                    nullable.add(rule.getKey());
                    changed = true;
                }
            }
        }
    }

    /** Takes rules out that begin with none of those left, again and again; what stays begins with itself. */
    private void refuseLeftRecursion() {
        var waitsFor = new HashMap<String, Integer>();
        var beginsOthers = new HashMap<String, Set<String>>();
        for (var rule : rules.entrySet()) {
            var first = new HashSet<String>();
            rule.getValue().addFirst(nullable, first);
            waitsFor.put(rule.getKey(), first.size());
            for (String name : first) {
                beginsOthers.computeIfAbsent(name, _ -> new HashSet<>()).add(rule.getKey());
            }
        }
        var free = new ArrayDeque<String>();
        waitsFor.forEach((name, count) -> {
            if (count == 0) {
                free.add(name);
            }
        });
        while (!free.isEmpty()) {
            String name = free.remove();
            waitsFor.remove(name);
            for (String waiting : beginsOthers.getOrDefault(name, Set.of())) {
                if (waitsFor.merge(waiting, -1, Integer::sum) == 0) {
                    free.add(waiting);
                }
            }
        }
        if (!waitsFor.isEmpty()) {
            throw new IllegalArgumentException(
                    "the grammar has a rule or a repetition that may begin with itself");
        }
    }
}

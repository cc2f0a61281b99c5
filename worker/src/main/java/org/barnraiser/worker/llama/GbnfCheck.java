package org.barnraiser.worker.llama;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.barnraiser.worker.llama.Gbnf.Item;
import org.barnraiser.worker.llama.Gbnf.Sequence;

/**
 * Refuses grammars that make llama.cpp recurse without end or too deep, or allocate too much; each of these ends the process. It walks
 * as llama.cpp does: into the first item of every alternative, and on behind items that may be empty.
 */
final class GbnfCheck {
    private static final int MAX_DEPTH = 1000;
    private static final int MAX_EMPTY_REPETITIONS = 100;
    private static final long MAX_ELEMENTS = 1 << 20;

    private final Map<String, List<Sequence>> rules;
    private final Set<String> emptyRules = new HashSet<>();
    private final Map<String, Integer> depths = new HashMap<>();
    private final Set<String> entered = new HashSet<>();

    private GbnfCheck(Gbnf grammar) {
        rules = grammar.rules();
    }

    static void check(String text, String root) throws SamplerException {
        Gbnf grammar = GbnfParser.parse(text);
        if (!grammar.rules().containsKey(root)) {
            throw new SamplerException("the grammar has no rule named " + root);
        }
        new GbnfCheck(grammar).check();
    }

    private void check() throws SamplerException {
        findEmptyRules();
        long elements = 0;
        for (List<Sequence> alternatives : rules.values()) {
            elements += elements(alternatives);
        }
        if (elements > MAX_ELEMENTS) {
            throw new SamplerException("the grammar's repetitions make it too large");
        }
        for (String rule : rules.keySet()) {
            depthOf(rule, 0);
        }
    }

    /** Elements that llama.cpp makes of it, which writes bounded repetitions out; everything is checked on the way. */
    private long elements(List<Sequence> alternatives) throws SamplerException {
        long sum = 0;
        for (Sequence sequence : alternatives) {
            int emptyRun = 0;
            for (Item item : sequence.items()) {
                emptyRun = mayBeEmpty(item) ? emptyRun + 1 : 0;
                requireDepth(emptyRun);
                sum += elements(item);
            }
        }
        return sum;
    }

    private long elements(Item item) throws SamplerException {
        return switch (item) {
            case Item.Terminal(int length) -> 1L + length;
            case Item.Reference(String rule) -> {
                if (!rules.containsKey(rule)) {
                    throw new SamplerException("the grammar uses a rule that it does not have");
                }
                yield 1;
            }
            case Item.Group(List<Sequence> alternatives) -> 2 + elements(alternatives);
            case Item.Repetition(Item repeated, int min, int max) -> {
                if (mayBeEmpty(repeated) && max > MAX_EMPTY_REPETITIONS) {
                    throw new SamplerException("the grammar repeats without end what may be empty");
                }
                yield Math.min(MAX_ELEMENTS + 1, elements(repeated))
                        * (max == Item.Repetition.UNBOUNDED ? min + 2L : max + 1L);
            }
        };
    }

    private void findEmptyRules() {
        boolean found = true;
        while (found) {
            found = false;
            for (var rule : rules.entrySet()) {
                found |= mayBeEmpty(rule.getValue()) && emptyRules.add(rule.getKey());
            }
        }
    }

    private boolean mayBeEmpty(List<Sequence> alternatives) {
        return alternatives.stream().anyMatch(sequence -> sequence.items().stream().allMatch(this::mayBeEmpty));
    }

    private boolean mayBeEmpty(Item item) {
        return switch (item) {
            case Item.Terminal(int length) -> length == 0;
            case Item.Reference(String rule) -> emptyRules.contains(rule);
            case Item.Group(List<Sequence> alternatives) -> mayBeEmpty(alternatives);
            case Item.Repetition(Item repeated, int min, _) -> min == 0 || mayBeEmpty(repeated);
        };
    }

    /** How deep llama.cpp recurses from the start of the rule until it meets characters. */
    private int depthOf(String rule, int above) throws SamplerException {
        Integer known = depths.get(rule);
        if (known == null) {
            if (!entered.add(rule)) {
                throw new SamplerException("a rule of the grammar begins with itself");
            }
            known = depthOf(rules.getOrDefault(rule, List.of()), above + 1);
            depths.put(rule, known);
        }
        return known;
    }

    private int depthOf(List<Sequence> alternatives, int above) throws SamplerException {
        requireDepth(above);
        int deepest = 0;
        for (Sequence sequence : alternatives) {
            int passed = 0;
            for (Item item : sequence.items()) {
                passed++;
                deepest = Math.max(deepest, passed + depthOf(item, above));
                requireDepth(deepest);
                if (!mayBeEmpty(item)) {
                    break;
                }
            }
        }
        return deepest;
    }

    private int depthOf(Item item, int above) throws SamplerException {
        return switch (item) {
            case Item.Terminal _ -> 0;
            case Item.Reference(String rule) -> depthOf(rule, above);
            case Item.Group(List<Sequence> alternatives) -> depthOf(alternatives, above + 1);
            case Item.Repetition(Item repeated, _, _) -> depthOf(repeated, above);
        };
    }

    private static void requireDepth(int depth) throws SamplerException {
        if (depth > MAX_DEPTH) {
            throw new SamplerException("the grammar's rules lead too deep into each other");
        }
    }
}

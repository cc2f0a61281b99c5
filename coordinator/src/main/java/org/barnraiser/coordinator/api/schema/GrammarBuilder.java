package org.barnraiser.coordinator.api.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Builds one grammar, of which parts may be what JSON schemas allow. For one thread; never blocks. */
public final class GrammarBuilder {
    private static final long MAX_ELEMENTS = 100_000;
    private static final int MAX_RULES = 5_000;
    private static final int MAX_DEPTH = 400;

    private final Map<String, Rule> rules = new LinkedHashMap<>();
    private int depth;

    public GrammarBuilder() {
        rules.put(Grammar.ROOT, Rule.literal(""));
        rules.putAll(JsonRules.rules());
    }

    /** A grammar of exactly what one schema allows. */
    public static Grammar of(JsonNode schema, boolean strict) throws UnsupportedSchemaException {
        GrammarBuilder builder = new GrammarBuilder();
        return builder.grammar(builder.schema(schema, strict));
    }

    /**
     * What a schema allows, or a part of it.
     *
     * @param strict whether a keyword that cannot be held to is refused; else it is passed over
     */
    public Rule schema(JsonNode schema, boolean strict) throws UnsupportedSchemaException {
        return new SchemaReader(schema, strict, this).read();
    }

    /** As {@link #schema}, and an object at any rate. */
    public Rule objectSchema(JsonNode schema, boolean strict) throws UnsupportedSchemaException {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        object.putArray("allOf").add(schema).addObject().put("type", "object");
        ((ObjectNode) schema).properties().stream().filter(entry -> SchemaMerge.DEFINITIONS.contains(entry.getKey()))
                .forEach(entry -> object.set(entry.getKey(), entry.getValue()));
        return schema(object, strict);
    }

    /**
     * Any text; once it holds the marker, what follows must be as the rest says.
     *
     * @param marker not empty
     */
    public Rule textUntil(String marker, Rule rest) throws UnsupportedSchemaException {
        int[] codes = marker.codePoints().toArray();
        String[] names = new String[codes.length];
        for (int i = 0; i < codes.length; i++) {
            names[i] = name();
        }
        for (int matched = 0; matched < codes.length; matched++) {
            List<Rule> ways = new ArrayList<>();
            ways.add(Rule.literal(""));
            for (int code : marker.codePoints().distinct().toArray()) {
                int next = longestBeginning(codes, matched, code);
                if (next > 0) {
                    ways.add(Rule.sequence(new Rule.OneOf(CharacterSet.range(code, code)),
                            next == codes.length ? rest : new Rule.Named(names[next])));
                }
            }
            StringBuilder leading = new StringBuilder();
            for (int code : marker.codePoints().distinct().toArray()) {
                if (longestBeginning(codes, matched, code) > 0) {
                    leading.appendCodePoint(code);
                }
            }
            ways.add(Rule.sequence(Rule.noneOf(leading.toString()), new Rule.Named(names[0])));
            say(names[matched], Rule.choice(ways));
        }
        return new Rule.Named(names[0]);
    }

    /** How much of the marker the text ends with, after so much of it and one more character. */
    private static int longestBeginning(int[] marker, int matched, int next) {
        int[] text = Arrays.copyOf(marker, matched + 1);
        text[matched] = next;
        for (int length = matched + 1; length > 0; length--) {
            if (Arrays.equals(text, matched + 1 - length, matched + 1, marker, 0, length)) {
                return length;
            }
        }
        return 0;
    }

    /** All of it. */
    public Grammar grammar(Rule root) throws UnsupportedSchemaException {
        rules.put(Grammar.ROOT, root);
        Grammar grammar = new Grammar(rules).reachable();
        Set<String> endless = grammar.endless();
        if (!endless.isEmpty()) {
            throw new UnsupportedSchemaException("It asks for something within itself without end.");
        }
        if (grammar.elements() > MAX_ELEMENTS) {
            throw new UnsupportedSchemaException("Its lengths and repetitions make it too large.");
        }
        return grammar;
    }

    /** A new rule's name; what it says must follow. */
    String name() throws UnsupportedSchemaException {
        if (rules.size() > MAX_RULES) {
            throw new UnsupportedSchemaException("It has more than " + MAX_RULES + " parts.");
        }
        String name = "r" + rules.size();
        rules.put(name, Rule.literal(""));
        return name;
    }

    void say(String name, Rule rule) {
        rules.put(name, rule);
    }

    /** Schemas within schemas; to be {@linkplain #leave left} again. */
    void enter() throws UnsupportedSchemaException {
        if (++depth > MAX_DEPTH) {
            throw new UnsupportedSchemaException("Its parts lead too deep into each other.");
        }
    }

    void leave() {
        depth--;
    }
}

package org.barnraiser.coordinator.api.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
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

package org.barnraiser.coordinator.api.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Reads what a schema says of lists. */
final class ListReader {
    private static final int MOST_ITEMS = 1_000;

    private final SchemaReader reader;

    ListReader(SchemaReader reader) {
        this.reader = reader;
    }

    Rule read(ObjectNode schema) throws UnsupportedSchemaException, SchemaMerge.NothingLeftException {
        JsonNode items = schema.path("items");
        JsonNode places = items.isArray() ? items : schema.path("prefixItems");
        JsonNode rest = items.isArray() ? schema.path("additionalItems") : items;
        int min = SchemaReader.count(schema, "minItems", 0);
        int max = SchemaReader.count(schema, "maxItems", Integer.MAX_VALUE);
        if (min > max) {
            throw new SchemaMerge.NothingLeftException();
        }
        if (min > MOST_ITEMS || (max > MOST_ITEMS && max < Integer.MAX_VALUE)) {
            throw new UnsupportedSchemaException("Its lists may have at most " + MOST_ITEMS + " items ('minItems', "
                    + "'maxItems').");
        }
        List<Rule> first = new ArrayList<>();
        for (int i = 0; i < Math.min(places.size(), max); i++) {
            first.add(reader.within(places.get(i)));
        }
        if (first.isEmpty()) {
            return uniform(rest, min, max);
        }
        return brackets(tuple(first, rest, Math.max(0, min - first.size()), max));
    }

    private Rule uniform(JsonNode items, int min, int max)
            throws UnsupportedSchemaException, SchemaMerge.NothingLeftException {
        if (max == 0) {
            return brackets(Rule.literal(""));
        }
        Rule item;
        try {
            item = item(items);
        } catch (SchemaMerge.NothingLeftException nothing) {
            if (min > 0) {
                throw nothing;
            }
            return brackets(Rule.literal(""));
        }
        Rule more = Rule.repeat(Rule.sequence(JsonRules.COMMA, item), Math.max(0, min - 1),
                max == Integer.MAX_VALUE ? Rule.Repeat.UNBOUNDED : max - 1);
        Rule some = Rule.sequence(item, more, JsonRules.SPACE);
        return brackets(min == 0 ? Rule.optional(some) : some);
    }

    /** All places are filled; what comes behind them, only as far as the schema speaks of it. */
    private Rule tuple(List<Rule> first, JsonNode rest, int minMore, int max)
            throws UnsupportedSchemaException, SchemaMerge.NothingLeftException {
        List<Rule> parts = new ArrayList<>();
        for (Rule place : first) {
            parts.add(parts.isEmpty() ? place : Rule.sequence(JsonRules.COMMA, place));
        }
        int maxMore = max == Integer.MAX_VALUE ? Rule.Repeat.UNBOUNDED : max - first.size();
        if (minMore > 0 || (!rest.isMissingNode() && maxMore > 0)) {
            try {
                parts.add(Rule.repeat(Rule.sequence(JsonRules.COMMA, item(rest)), minMore, maxMore));
            } catch (SchemaMerge.NothingLeftException nothing) {
                if (minMore > 0) {
                    throw nothing;
                }
            }
        }
        parts.add(JsonRules.SPACE);
        return new Rule.Sequence(parts);
    }

    private Rule item(JsonNode schema) throws UnsupportedSchemaException, SchemaMerge.NothingLeftException {
        return reader.within(schema.isMissingNode() ? BooleanNode.TRUE : schema);
    }

    private static Rule brackets(Rule inside) {
        return Rule.sequence(Rule.literal("["), JsonRules.SPACE, inside, Rule.literal("]"));
    }
}

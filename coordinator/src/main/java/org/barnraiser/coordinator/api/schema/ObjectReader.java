package org.barnraiser.coordinator.api.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads what a schema says of objects. */
final class ObjectReader {
    private final SchemaReader reader;

    ObjectReader(SchemaReader reader) {
        this.reader = reader;
    }

    Rule read(ObjectNode schema) throws UnsupportedSchemaException, SchemaMerge.NothingLeftException {
        Set<String> required = new LinkedHashSet<>();
        schema.path("required").forEach(name -> required.add(name.asText()));
        JsonNode further = schema.path("additionalProperties").isMissingNode()
                ? BooleanNode.TRUE
                : schema.get("additionalProperties");
        Map<String, JsonNode> properties = new LinkedHashMap<>();
        schema.path("properties").properties().forEach(entry -> properties.put(entry.getKey(), entry.getValue()));
        required.forEach(name -> properties.putIfAbsent(name, further));
        if (properties.isEmpty()) {
            return map(further);
        }
        return members(properties, required);
    }

    private Rule map(JsonNode further) throws UnsupportedSchemaException {
        try {
            return further.equals(BooleanNode.TRUE) ? JsonRules.OBJECT : JsonRules.mapOf(reader.within(further));
        } catch (SchemaMerge.NothingLeftException _) {
            return braces(Rule.literal(""));
        }
    }

    private Rule members(Map<String, JsonNode> properties, Set<String> required)
            throws UnsupportedSchemaException, SchemaMerge.NothingLeftException {
        List<Rule> members = new ArrayList<>();
        List<Boolean> needed = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : properties.entrySet()) {
            boolean isNeeded = required.contains(property.getKey());
            try {
                members.add(Rule.sequence(Rule.literal(TextNode.valueOf(property.getKey()) + ":"), JsonRules.SPACE,
                        reader.within(property.getValue())));
                needed.add(isNeeded);
            } catch (SchemaMerge.NothingLeftException nothing) {
                if (isNeeded) {
                    throw nothing;
                }
            }
        }
        return members.isEmpty() ? braces(Rule.literal("")) : braces(inOrder(members, needed));
    }

    /** In order, leaving out any that are not needed; a comma stands between two. */
    private static Rule inOrder(List<Rule> members, List<Boolean> needed) {
        List<Rule> beginnings = new ArrayList<>();
        int firstNeeded = needed.indexOf(true);
        int last = firstNeeded < 0 ? members.size() - 1 : firstNeeded;
        for (int first = 0; first <= last; first++) {
            List<Rule> parts = new ArrayList<>();
            parts.add(members.get(first));
            for (int next = first + 1; next < members.size(); next++) {
                Rule more = Rule.sequence(JsonRules.COMMA, members.get(next));
                parts.add(needed.get(next) ? more : Rule.optional(more));
            }
            parts.add(JsonRules.SPACE);
            beginnings.add(new Rule.Sequence(parts));
        }
        Rule all = Rule.choice(beginnings);
        return firstNeeded < 0 ? Rule.optional(all) : all;
    }

    private static Rule braces(Rule inside) {
        return Rule.sequence(Rule.literal("{"), JsonRules.SPACE, inside, Rule.literal("}"));
    }
}

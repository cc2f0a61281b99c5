package org.barnraiser.coordinator.api.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/** Reads what a schema says of numbers. */
final class BoundsReader {
    private static final List<String> BOUNDS = List.of("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum");

    private BoundsReader() {}

    static Rule read(ObjectNode schema, boolean integers, SchemaReader reader)
            throws UnsupportedSchemaException, SchemaMerge.NothingLeftException {
        ObjectNode checked = schema.deepCopy();
        for (String keyword : BOUNDS) {
            JsonNode bound = schema.get(keyword);
            if (bound != null && !usable(bound, integers)) {
                reader.unsupported(keyword, bound.isNumber()
                        ? "of a number with fractions must be a whole number, of at most 15 digits"
                        : "must be a number, as true and false of old are not supported");
                checked.remove(keyword);
            }
        }
        if (BOUNDS.stream().noneMatch(checked::has)) {
            List<Rule> all = NumberRules.integers(-NumberRules.LARGEST, NumberRules.LARGEST);
            return integers ? Rule.choice(all) : JsonRules.NUMBER;
        }
        List<Rule> parts = integers ? integers(checked) : numbers(checked);
        if (parts.isEmpty()) {
            throw new SchemaMerge.NothingLeftException();
        }
        return Rule.choice(parts);
    }

    private static boolean usable(JsonNode bound, boolean integers) {
        return bound.isNumber()
                && bound.decimalValue().abs().compareTo(BigDecimal.valueOf(NumberRules.LARGEST)) < 0
                && (integers || bound.decimalValue().stripTrailingZeros().scale() <= 0);
    }

    private static List<Rule> integers(ObjectNode schema) {
        long least = -NumberRules.LARGEST;
        long most = NumberRules.LARGEST;
        if (schema.has("minimum")) {
            least = Math.max(least, rounded(schema.get("minimum"), RoundingMode.CEILING));
        }
        if (schema.has("exclusiveMinimum")) {
            least = Math.max(least, rounded(schema.get("exclusiveMinimum"), RoundingMode.FLOOR) + 1);
        }
        if (schema.has("maximum")) {
            most = Math.min(most, rounded(schema.get("maximum"), RoundingMode.FLOOR));
        }
        if (schema.has("exclusiveMaximum")) {
            most = Math.min(most, rounded(schema.get("exclusiveMaximum"), RoundingMode.CEILING) - 1);
        }
        return NumberRules.integers(least, most);
    }

    private static List<Rule> numbers(ObjectNode schema) {
        long least = whole(schema, "minimum", -NumberRules.LARGEST);
        long above = whole(schema, "exclusiveMinimum", -NumberRules.LARGEST - 1);
        long most = whole(schema, "maximum", NumberRules.LARGEST);
        long below = whole(schema, "exclusiveMaximum", NumberRules.LARGEST + 1);
        return NumberRules.numbers(Math.max(least, above), above >= least, Math.min(most, below), below <= most);
    }

    private static long whole(ObjectNode schema, String keyword, long absent) {
        return schema.has(keyword) ? schema.get(keyword).decimalValue().longValue() : absent;
    }

    private static long rounded(JsonNode bound, RoundingMode mode) {
        return bound.decimalValue().setScale(0, mode).longValue();
    }
}

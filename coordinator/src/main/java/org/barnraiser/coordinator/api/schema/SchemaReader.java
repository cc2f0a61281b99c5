package org.barnraiser.coordinator.api.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads one JSON schema as rules. What the rules allow always satisfies the schema, but they may allow less: properties come in the
 * schema's order, and an object that names properties has no others.
 */
final class SchemaReader {
    private static final List<String> TYPES = List.of("object", "array", "string", "number", "integer", "boolean",
            "null");
    /** What a standard defines and no grammar here holds to. */
    private static final List<String> UNSUPPORTED = List.of("not", "if", "then", "else", "dependentRequired",
            "dependentSchemas", "dependencies", "propertyNames", "patternProperties", "minProperties", "maxProperties",
            "uniqueItems", "contains", "minContains", "maxContains", "unevaluatedItems", "unevaluatedProperties",
            "multipleOf", "divisibleBy", "disallow", "extends", "$dynamicRef", "$recursiveRef");
    private static final List<String> OF_TEXT = List.of("pattern", "format", "minLength", "maxLength");
    private static final List<String> OF_NUMBERS = List.of("minimum", "maximum", "exclusiveMinimum",
            "exclusiveMaximum");
    private static final List<String> OF_LISTS = List.of("items", "prefixItems", "minItems", "maxItems",
            "additionalItems");
    private static final List<String> OF_OBJECTS = List.of("properties", "required", "additionalProperties");

    private final JsonNode document;
    private final boolean strict;
    private final GrammarBuilder builder;
    private final SchemaMerge merge;
    private final Map<String, Rule> known = new HashMap<>();
    /** Those that are being read and have no character yet. */
    private final Set<String> open = new LinkedHashSet<>();

    SchemaReader(JsonNode document, boolean strict, GrammarBuilder builder) {
        this.document = document;
        this.strict = strict;
        this.builder = builder;
        this.merge = new SchemaMerge(document);
    }

    Rule read() throws UnsupportedSchemaException {
        try {
            return rule(document);
        } catch (SchemaMerge.NothingLeftException _) {
            throw new UnsupportedSchemaException("Nothing can satisfy it.");
        }
    }

    /** What stands within other characters, so that it may lead back to what it stands in. */
    Rule within(JsonNode schema) throws UnsupportedSchemaException, SchemaMerge.NothingLeftException {
        Set<String> outside = new HashSet<>(open);
        open.clear();
        builder.enter();
        try {
            return rule(schema);
        } finally {
            builder.leave();
            open.addAll(outside);
        }
    }

    private Rule rule(JsonNode schema) throws UnsupportedSchemaException, SchemaMerge.NothingLeftException {
        ObjectNode followed = merge.followed(schema);
        if (followed.isEmpty()) {
            return JsonRules.VALUE;
        }
        String key = followed.toString();
        if (open.contains(key)) {
            throw new UnsupportedSchemaException("It is made of itself and nothing else in one place.");
        }
        Rule before = known.get(key);
        if (before != null) {
            return before;
        }
        String name = builder.name();
        known.put(key, new Rule.Named(name));
        open.add(key);
        builder.enter();
        try {
            builder.say(name, composed(followed));
        } catch (SchemaMerge.NothingLeftException nothing) {
            // What refers to it meanwhile has no end, and is refused if it is still of use.
            builder.say(name, new Rule.Named(name));
            known.remove(key);
            throw nothing;
        } finally {
            builder.leave();
            open.remove(key);
        }
        return new Rule.Named(name);
    }

    private Rule composed(ObjectNode schema) throws UnsupportedSchemaException, SchemaMerge.NothingLeftException {
        for (String keyword : UNSUPPORTED) {
            if (schema.has(keyword) && !harmless(keyword, schema.get(keyword))) {
                unsupported(keyword, "is not supported");
            }
        }
        for (String keyword : List.of("anyOf", "oneOf")) {
            if (schema.has(keyword)) {
                return alternatives(schema, keyword);
            }
        }
        return schema.has("enum") ? values(schema) : typed(schema);
    }

    /** Whether a keyword that is not supported says nothing here. */
    private static boolean harmless(String keyword, JsonNode value) {
        boolean no = value.isBoolean() && !value.booleanValue();
        boolean zero = value.isNumber() && value.doubleValue() == 0;
        return switch (keyword) {
            case "uniqueItems", "unevaluatedProperties", "unevaluatedItems" -> no;
            case "minProperties" -> zero;
            case "patternProperties", "dependentRequired", "dependentSchemas", "dependencies" ->
                value.isObject() && value.isEmpty();
            default -> false;
        };
    }

    private Rule alternatives(ObjectNode schema, String keyword)
            throws UnsupportedSchemaException, SchemaMerge.NothingLeftException {
        ObjectNode rest = schema.deepCopy();
        JsonNode branches = rest.remove(keyword);
        if (!branches.isArray() || branches.isEmpty()) {
            throw new UnsupportedSchemaException("Its '" + keyword + "' must be a list of schemas.");
        }
        List<JsonNode> merged = new ArrayList<>();
        for (JsonNode branch : branches) {
            try {
                merged.add(merge.all(List.of(rest, branch)));
            } catch (SchemaMerge.NothingLeftException _) {
                // The others are left.
            }
        }
        if (keyword.equals("oneOf") && strict && !new Disjointness(merge).certain(merged)) {
            unsupported(keyword, "has alternatives that one value may satisfy together, which is not supported; "
                    + "'anyOf' is");
        }
        List<Rule> rules = new ArrayList<>();
        for (JsonNode branch : merged) {
            try {
                rules.add(rule(branch));
            } catch (SchemaMerge.NothingLeftException _) {
                // The others are left.
            }
        }
        return oneOf(rules);
    }

    private static Rule oneOf(List<Rule> rules) throws SchemaMerge.NothingLeftException {
        if (rules.isEmpty()) {
            throw new SchemaMerge.NothingLeftException();
        }
        return Rule.choice(rules);
    }

    private Rule values(ObjectNode schema) throws UnsupportedSchemaException, SchemaMerge.NothingLeftException {
        Set<String> types = schema.has("type") ? types(schema) : Set.copyOf(TYPES);
        List<Rule> rules = new ArrayList<>();
        Set<String> present = new HashSet<>();
        for (JsonNode value : schema.get("enum")) {
            String type = Disjointness.type(value);
            boolean whole = value.isNumber() && value.decimalValue().stripTrailingZeros().scale() <= 0;
            if (types.contains(type) || (whole && types.contains("integer"))) {
                present.add(type);
                rules.add(Rule.literal(value.toString()));
            }
        }
        Map<String, List<String>> more = Map.of("string", OF_TEXT, "number", OF_NUMBERS, "array", OF_LISTS, "object",
                OF_OBJECTS);
        for (String type : present) {
            for (String keyword : more.getOrDefault(type, List.of())) {
                if (schema.has(keyword)) {
                    unsupported(keyword, "together with 'enum' or 'const' is not supported");
                }
            }
        }
        return oneOf(rules);
    }

    private Set<String> types(ObjectNode schema) throws UnsupportedSchemaException {
        Set<String> types = new LinkedHashSet<>();
        JsonNode type = schema.get("type");
        (type.isArray() ? type : List.of(type)).forEach(name -> types.add(name.asText()));
        for (String name : types) {
            if (!TYPES.contains(name)) {
                throw new UnsupportedSchemaException("Its 'type' must be one or more of " + String.join(", ", TYPES)
                        + ".");
            }
        }
        return types;
    }

    private Rule typed(ObjectNode schema) throws UnsupportedSchemaException, SchemaMerge.NothingLeftException {
        Set<String> types = schema.has("type") ? types(schema) : implied(schema);
        if (types.isEmpty()) {
            return JsonRules.VALUE;
        }
        if (types.contains("number")) {
            types.remove("integer");
        }
        List<Rule> rules = new ArrayList<>();
        for (String type : types) {
            try {
                rules.add(switch (type) {
                    case "object" -> new ObjectReader(this).read(schema);
                    case "array" -> new ListReader(this).read(schema);
                    case "string" -> TextReader.read(schema, this);
                    case "boolean" -> JsonRules.BOOLEAN;
                    case "null" -> JsonRules.NULL;
                    default -> BoundsReader.read(schema, type.equals("integer"), this);
                });
            } catch (SchemaMerge.NothingLeftException _) {
                // The other types are left.
            }
        }
        return oneOf(rules);
    }

    /** The type that a schema speaks of without saying so; any other would satisfy it too, but is not meant. */
    private static Set<String> implied(ObjectNode schema) {
        Set<String> types = new LinkedHashSet<>();
        addIf(schema, OF_OBJECTS, "object", types);
        addIf(schema, OF_LISTS, "array", types);
        addIf(schema, OF_TEXT, "string", types);
        addIf(schema, OF_NUMBERS, "number", types);
        return types;
    }

    private static void addIf(ObjectNode schema, List<String> keywords, String type, Set<String> types) {
        if (keywords.stream().anyMatch(schema::has)) {
            types.add(type);
        }
    }

    /** Refuses a keyword, or passes over it where nobody insists. */
    void unsupported(String keyword, String why) throws UnsupportedSchemaException {
        if (strict) {
            throw new UnsupportedSchemaException("Its '" + keyword + "' " + why + ".");
        }
    }

    /** A whole number that a keyword gives. */
    static int count(ObjectNode schema, String keyword, int absent) throws UnsupportedSchemaException {
        JsonNode value = schema.get(keyword);
        if (value == null) {
            return absent;
        }
        if (!value.isNumber() || value.doubleValue() < 0 || value.doubleValue() != Math.rint(value.doubleValue())) {
            throw new UnsupportedSchemaException("Its '" + keyword + "' must be a whole number.");
        }
        return (int) Math.min(value.doubleValue(), Integer.MAX_VALUE);
    }
}

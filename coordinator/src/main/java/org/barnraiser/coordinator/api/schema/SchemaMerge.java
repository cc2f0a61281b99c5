package org.barnraiser.coordinator.api.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes one schema of several that must all hold, and follows references. */
final class SchemaMerge {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int MAX_REFERENCES = 64;
    private static final int MAX_FOLLOWS = 20_000;
    private static final int MAX_ALTERNATIVES = 256;
    private static final Set<String> WORDS = Set.of("title", "description", "default", "examples", "example",
            "deprecated", "readOnly", "writeOnly", "$comment", "$schema", "$id", "$defs", "definitions");
    static final Set<String> DEFINITIONS = Set.of("$defs", "definitions");
    private static final Set<String> LARGER = Set.of("minimum", "exclusiveMinimum", "minLength", "minItems",
            "minProperties");
    private static final Set<String> SMALLER = Set.of("maximum", "exclusiveMaximum", "maxLength", "maxItems",
            "maxProperties");

    /** Nothing can satisfy all of the schemas. */
    static final class NothingLeftException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private final JsonNode document;
    private int follows;

    SchemaMerge(JsonNode document) {
        this.document = document;
    }

    /** What a reference within the document means. */
    JsonNode target(String reference) throws UnsupportedSchemaException {
        if (!reference.equals("#") && !reference.startsWith("#/")) {
            throw new UnsupportedSchemaException("Its '$ref' leads out of the schema or to an anchor, "
                    + "which is not supported; only references like '#/$defs/name' are.");
        }
        JsonNode target;
        try {
            target = document.at(URLDecoder.decode(reference.substring(1).replace("+", "%2B"),
                    StandardCharsets.UTF_8));
        } catch (IllegalArgumentException _) {
            throw new UnsupportedSchemaException("Its '$ref' cannot be read.");
        }
        if (target.isMissingNode()) {
            throw new UnsupportedSchemaException("Its '$ref' leads to nothing in the schema.");
        }
        return target;
    }

    /** The schema without words for people, and with {@code const} as {@code enum}. */
    static ObjectNode plain(ObjectNode schema) {
        ObjectNode plain = JSON.objectNode();
        for (Map.Entry<String, JsonNode> entry : schema.properties()) {
            if (!WORDS.contains(entry.getKey()) && !entry.getKey().equals("const")) {
                plain.set(entry.getKey(), entry.getValue());
            }
        }
        JsonNode constant = schema.get("const");
        if (constant != null) {
            ArrayNode values = plain.path("enum").isArray() ? same(plain.get("enum"), constant) : array(constant);
            plain.set("enum", values);
        }
        return plain;
    }

    /** One schema that allows what all of these allow. */
    ObjectNode all(List<JsonNode> schemas) throws UnsupportedSchemaException, NothingLeftException {
        ObjectNode merged = JSON.objectNode();
        for (JsonNode schema : schemas) {
            merged = both(merged, followed(schema));
        }
        return merged;
    }

    /** Without references and {@code allOf} at its top. */
    ObjectNode followed(JsonNode schema) throws UnsupportedSchemaException, NothingLeftException {
        return followed(schema, 0);
    }

    private ObjectNode followed(JsonNode schema, int depth) throws UnsupportedSchemaException, NothingLeftException {
        if (depth > MAX_REFERENCES) {
            throw new UnsupportedSchemaException("Its '$ref' leads back to itself.");
        }
        if (++follows > MAX_FOLLOWS) {
            throw new UnsupportedSchemaException("Its parts refer to each other too often.");
        }
        if (schema.isBoolean()) {
            if (!schema.booleanValue()) {
                throw new NothingLeftException();
            }
            return JSON.objectNode();
        }
        if (!(schema instanceof ObjectNode object)) {
            throw new UnsupportedSchemaException("A schema within it is neither an object nor true or false.");
        }
        ObjectNode rest = plain(object);
        List<JsonNode> parts = new ArrayList<>();
        JsonNode reference = rest.remove("$ref");
        if (reference != null) {
            parts.add(target(reference.asText()));
        }
        JsonNode allOf = rest.remove("allOf");
        if (allOf != null) {
            allOf.forEach(parts::add);
        }
        ObjectNode merged = rest;
        for (JsonNode part : parts) {
            merged = both(merged, followed(part, depth + 1));
        }
        return merged;
    }

    private static ObjectNode both(ObjectNode one, ObjectNode other)
            throws UnsupportedSchemaException, NothingLeftException {
        ObjectNode merged = one.deepCopy();
        mergeObjects(one, other, merged);
        for (Map.Entry<String, JsonNode> entry : other.properties()) {
            String keyword = entry.getKey();
            JsonNode mine = one.get(keyword);
            JsonNode theirs = entry.getValue();
            if (keyword.equals("properties") || keyword.equals("additionalProperties")) {
                continue;
            }
            merged.set(keyword, mine == null || mine.equals(theirs) ? theirs : both(keyword, mine, theirs));
        }
        return merged;
    }

    private static JsonNode both(String keyword, JsonNode mine, JsonNode theirs)
            throws UnsupportedSchemaException, NothingLeftException {
        if (LARGER.contains(keyword) || SMALLER.contains(keyword)) {
            boolean larger = mine.decimalValue().compareTo(theirs.decimalValue()) > 0;
            return larger == LARGER.contains(keyword) ? mine : theirs;
        }
        return switch (keyword) {
            case "type" -> types(mine, theirs);
            case "enum" -> {
                ArrayNode common = JSON.arrayNode();
                for (JsonNode value : mine) {
                    common.addAll(same(theirs, value));
                }
                yield common;
            }
            case "required" -> {
                ArrayNode names = JSON.arrayNode();
                mine.forEach(names::add);
                theirs.forEach(name -> names.addAll(same(mine, name).isEmpty() ? array(name) : JSON.arrayNode()));
                yield names;
            }
            case "items" -> allOf(mine, theirs);
            case "anyOf" -> {
                if ((long) mine.size() * theirs.size() > MAX_ALTERNATIVES) {
                    throw new UnsupportedSchemaException("Its 'anyOf' have too many alternatives together.");
                }
                ArrayNode pairs = JSON.arrayNode();
                mine.forEach(first -> theirs.forEach(second -> pairs.add(allOf(first, second))));
                yield pairs;
            }
            default -> throw new UnsupportedSchemaException(
                    "It has two different '" + keyword + "' for one value, which is not supported.");
        };
    }

    /** What one says of further properties holds for those that only the other names. */
    private static void mergeObjects(ObjectNode one, ObjectNode other, ObjectNode merged) {
        ObjectNode properties = JSON.objectNode();
        one.path("properties").properties().forEach(entry -> properties.set(entry.getKey(),
                withOther(entry.getKey(), entry.getValue(), other)));
        other.path("properties").properties().forEach(entry -> {
            if (!properties.has(entry.getKey())) {
                properties.set(entry.getKey(), withOther(entry.getKey(), entry.getValue(), one));
            }
        });
        if (one.has("properties") || other.has("properties")) {
            merged.set("properties", properties);
        }
        Optional<JsonNode> mine = Optional.ofNullable(one.get("additionalProperties"));
        Optional<JsonNode> theirs = Optional.ofNullable(other.get("additionalProperties"));
        if (mine.isPresent() && theirs.isPresent()) {
            merged.set("additionalProperties", allOf(mine.get(), theirs.get()));
        } else {
            mine.or(() -> theirs).ifPresent(further -> merged.set("additionalProperties", further));
        }
    }

    private static JsonNode withOther(String name, JsonNode schema, ObjectNode other) {
        JsonNode theirs = other.path("properties").get(name);
        JsonNode further = theirs == null ? other.get("additionalProperties") : theirs;
        return further == null ? schema : allOf(schema, further);
    }

    private static JsonNode allOf(JsonNode one, JsonNode other) {
        if (one.equals(other) || other.equals(BooleanNode.TRUE)) {
            return one;
        }
        if (one.isBoolean() || other.isBoolean()) {
            return one.equals(BooleanNode.TRUE) ? other : BooleanNode.FALSE;
        }
        ObjectNode both = JSON.objectNode();
        both.putArray("allOf").add(one).add(other);
        return both;
    }

    private static JsonNode types(JsonNode mine, JsonNode theirs) throws NothingLeftException {
        ArrayNode common = JSON.arrayNode();
        for (JsonNode first : mine.isArray() ? mine : array(mine)) {
            for (JsonNode second : theirs.isArray() ? theirs : array(theirs)) {
                boolean wholeNumbers = (first.asText() + second.asText()).matches("integernumber|numberinteger");
                if (first.equals(second)) {
                    common.add(first);
                } else if (wholeNumbers) {
                    common.add("integer");
                }
            }
        }
        if (common.isEmpty()) {
            throw new NothingLeftException();
        }
        return common;
    }

    private static ArrayNode same(JsonNode values, JsonNode value) {
        ArrayNode found = JSON.arrayNode();
        for (JsonNode each : values) {
            if (found.isEmpty() && equal(each, value)) {
                found.add(each);
            }
        }
        return found;
    }

    /** In JSON 1 and 1.0 are the same number. */
    static boolean equal(JsonNode one, JsonNode other) {
        return (one.isNumber() && other.isNumber())
                ? one.decimalValue().compareTo(other.decimalValue()) == 0
                : one.equals(other);
    }

    private static ArrayNode array(JsonNode value) {
        return JSON.arrayNode().add(value);
    }
}

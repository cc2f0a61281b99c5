package org.barnraiser.coordinator.api.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Whether it is certain that no value satisfies two schemas at once. */
final class Disjointness {
    private static final int MAX_DEPTH = 4;

    private final SchemaMerge merge;

    Disjointness(SchemaMerge merge) {
        this.merge = merge;
    }

    boolean certain(List<JsonNode> schemas) throws UnsupportedSchemaException {
        for (int i = 0; i < schemas.size(); i++) {
            for (int j = i + 1; j < schemas.size(); j++) {
                if (!certain(schemas.get(i), schemas.get(j), 0)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean certain(JsonNode one, JsonNode other, int depth) throws UnsupportedSchemaException {
        if (depth > MAX_DEPTH) {
            return false;
        }
        ObjectNode mine;
        ObjectNode theirs;
        try {
            mine = merge.followed(one);
            theirs = merge.followed(other);
        } catch (SchemaMerge.NothingLeftException _) {
            return true;
        }
        Set<String> types = types(mine);
        types.retainAll(types(theirs));
        return types.isEmpty() || noCommonValue(mine, theirs)
                || (types.equals(Set.of("object")) && differentMember(mine, theirs, depth));
    }

    private static Set<String> types(ObjectNode schema) {
        Set<String> types = new HashSet<>();
        if (schema.has("enum")) {
            schema.get("enum").forEach(value -> types.add(type(value)));
        } else if (schema.has("type")) {
            JsonNode type = schema.get("type");
            (type.isArray() ? type : List.of(type)).forEach(name -> types.add(name.asText()));
        } else {
            types.addAll(Set.of("object", "array", "string", "number", "boolean", "null"));
        }
        if (types.remove("integer")) {
            types.add("number");
        }
        return types;
    }

    static String type(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "object";
            case ARRAY -> "array";
            case STRING -> "string";
            case NUMBER -> "number";
            case BOOLEAN -> "boolean";
            default -> "null";
        };
    }

    private static boolean noCommonValue(ObjectNode one, ObjectNode other) {
        if (!one.has("enum") || !other.has("enum")) {
            return false;
        }
        for (JsonNode mine : one.get("enum")) {
            for (JsonNode theirs : other.get("enum")) {
                if (SchemaMerge.equal(mine, theirs)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** A property that both need, and that cannot satisfy both; or one that one needs and the other has no room for. */
    private boolean differentMember(ObjectNode one, ObjectNode other, int depth) throws UnsupportedSchemaException {
        return lacks(one, other) || lacks(other, one) || sharedDiffers(one, other, depth);
    }

    private static boolean lacks(ObjectNode one, ObjectNode other) {
        boolean closed = other.path("additionalProperties").isBoolean()
                && !other.path("additionalProperties").booleanValue();
        for (JsonNode name : one.path("required")) {
            if (closed && !other.path("properties").has(name.asText())) {
                return true;
            }
        }
        return false;
    }

    private boolean sharedDiffers(ObjectNode one, ObjectNode other, int depth) throws UnsupportedSchemaException {
        Set<String> needed = new HashSet<>();
        one.path("required").forEach(name -> needed.add(name.asText()));
        Set<String> neededToo = new HashSet<>();
        other.path("required").forEach(name -> neededToo.add(name.asText()));
        needed.retainAll(neededToo);
        for (Map.Entry<String, JsonNode> property : one.path("properties").properties()) {
            JsonNode theirs = other.path("properties").get(property.getKey());
            if (theirs != null && needed.contains(property.getKey())
                    && certain(property.getValue(), theirs, depth + 1)) {
                return true;
            }
        }
        return false;
    }
}

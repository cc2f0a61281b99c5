package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The fields of one JSON object of a request, read one by one. A field that is {@code null} counts as absent; one of the
 * wrong type or range is refused with an error that names it.
 */
public final class Fields {
    private final ObjectNode object;
    private final String prefix;

    /** The fields of a request body. */
    Fields(ObjectNode object) {
        this(object, "");
    }

    private Fields(ObjectNode object, String prefix) {
        this.object = object;
        this.prefix = prefix;
    }

    /** The fields of an object inside a request; errors name it by its whole path. */
    public static Fields of(JsonNode node, String path) throws ApiException {
        if (node instanceof ObjectNode inner) {
            return new Fields(inner, path + ".");
        }
        throw ApiException.invalid(path, "'" + path + "' must be an object.");
    }

    /** All of them, as they were sent. */
    public ObjectNode json() {
        return object;
    }

    /** How errors name this object. */
    public String path() {
        return prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1);
    }

    /** How errors name a field. */
    public String path(String name) {
        return prefix + name;
    }

    public Optional<JsonNode> node(String name) {
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    public Optional<Fields> fields(String name) throws ApiException {
        Optional<JsonNode> value = node(name);
        return value.isEmpty() ? Optional.empty() : Optional.of(of(value.get(), path(name)));
    }

    public Optional<String> string(String name) throws ApiException {
        Optional<JsonNode> value = node(name);
        if (value.isPresent() && !value.get().isTextual()) {
            throw refused(name, "must be a string");
        }
        return value.map(JsonNode::textValue);
    }

    /** A string that must be there. */
    public String needed(String name) throws ApiException {
        return string(name).orElseThrow(() -> refused(name, "is needed: a string"));
    }

    /** An object that must be there. */
    public Fields neededFields(String name) throws ApiException {
        return fields(name).orElseThrow(() -> refused(name, "is needed: an object"));
    }

    /** The objects of a list; none when absent. */
    public List<Fields> objects(String name) throws ApiException {
        List<Fields> objects = new ArrayList<>();
        for (JsonNode entry : list(name, Integer.MAX_VALUE)) {
            objects.add(of(entry, path(name) + "[" + objects.size() + "]"));
        }
        return objects;
    }

    /** What kind of object this is; empty when it does not say. */
    public String type() throws ApiException {
        return string("type").orElse("");
    }

    /** False when absent. */
    public boolean flag(String name) throws ApiException {
        Optional<JsonNode> value = node(name);
        if (value.isPresent() && !value.get().isBoolean()) {
            throw refused(name, "must be true or false");
        }
        return value.isPresent() && value.get().booleanValue();
    }

    public OptionalInt integer(String name, int least, int most) throws ApiException {
        OptionalLong value = longInteger(name, least, most);
        return value.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Math.toIntExact(value.getAsLong()));
    }

    public OptionalLong longInteger(String name, long least, long most) throws ApiException {
        Optional<JsonNode> value = node(name);
        if (value.isEmpty()) {
            return OptionalLong.empty();
        }
        JsonNode number = value.get();
        if (!number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() < least
                || number.longValue() > most) {
            throw refused(name, "must be a whole number from " + least + " to " + most);
        }
        return OptionalLong.of(number.longValue());
    }

    public OptionalDouble number(String name, double least, double most) throws ApiException {
        Optional<JsonNode> value = node(name);
        return value.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(number(value.get(), path(name), least, most));
    }

    /** A number that may be compared and cast without surprises: finite and in range. */
    static double number(JsonNode value, String path, double least, double most) throws ApiException {
        double number = value.doubleValue();
        if (!value.isNumber() || !Double.isFinite(number) || number < least || number > most) {
            throw ApiException.invalid(path,
                    "'" + path + "' must be a number from " + plain(least) + " to " + plain(most) + ".");
        }
        return number;
    }

    /** The entries of a list; none when absent. */
    public List<JsonNode> list(String name, int most) throws ApiException {
        Optional<JsonNode> value = node(name);
        if (value.isEmpty()) {
            return List.of();
        }
        if (!value.get().isArray()) {
            throw refused(name, "must be a list");
        }
        if (value.get().size() > most) {
            throw refused(name, "must hold at most " + most + " entries");
        }
        List<JsonNode> entries = new ArrayList<>(value.get().size());
        value.get().forEach(entries::add);
        return entries;
    }

    /** An error that names this object's field. */
    public ApiException refused(String name, String demand) {
        return ApiException.invalid(path(name), "'" + path(name) + "' " + demand + ".");
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}

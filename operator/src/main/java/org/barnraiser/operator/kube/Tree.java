package org.barnraiser.operator.kube;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.StreamSupport;

/** JSON from outside: what is missing, or of another kind than expected, reads as absent. Not to be changed. */
public record Tree(JsonElement json) {
    public static final Tree NOTHING = new Tree(JsonNull.INSTANCE);

    /** @throws IllegalArgumentException when it is no JSON */
    public static Tree parse(String text) {
        try {
            return new Tree(JsonParser.parseString(text));
        } catch (JsonParseException e) {
            throw new IllegalArgumentException("not JSON: " + e.getMessage(), e);
        }
    }

    /** What lies under names, one inside the other. */
    public Tree at(String... names) {
        JsonElement here = json;
        for (String name : names) {
            if (!here.isJsonObject() || !here.getAsJsonObject().has(name)) {
                return NOTHING;
            }
            here = here.getAsJsonObject().get(name);
        }
        return new Tree(here);
    }

    public boolean exists() {
        return !json.isJsonNull();
    }

    public String text() {
        return text("");
    }

    public String text(String fallback) {
        return json.isJsonPrimitive() ? json.getAsString() : fallback;
    }

    public Optional<String> optionalText() {
        return Optional.of(text()).filter(text -> !text.isEmpty());
    }

    public double decimal(double fallback) {
        try {
            return json.isJsonPrimitive() ? json.getAsDouble() : fallback;
        } catch (NumberFormatException _) {
            return fallback;
        }
    }

    public long number(long fallback) {
        double value = decimal((double) fallback);
        return Double.isFinite(value) ? (long) value : fallback;
    }

    /** Out-of-range values become the nearest number. */
    public int count(int fallback) {
        return Math.clamp(number(fallback), Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    public OptionalInt optionalCount() {
        return json.isJsonPrimitive() ? OptionalInt.of(count(0)) : OptionalInt.empty();
    }

    public boolean flag(boolean fallback) {
        return (json.isJsonPrimitive() && json.getAsJsonPrimitive().isBoolean()) ? json.getAsBoolean() : fallback;
    }

    public Optional<Instant> instant() {
        try {
            return optionalText().map(Instant::parse);
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }

    public List<Tree> items() {
        return json.isJsonArray()
                ? StreamSupport.stream(json.getAsJsonArray().spliterator(), false).map(Tree::new).toList()
                : List.of();
    }

    /** Fields with a simple value, in their order. */
    public Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        if (json.isJsonObject()) {
            json.getAsJsonObject().asMap().forEach((name, value) -> {
                if (value.isJsonPrimitive()) {
                    texts.put(name, value.getAsString());
                }
            });
        }
        return texts;
    }

    public JsonObject object() {
        return json.isJsonObject() ? json.getAsJsonObject() : new JsonObject();
    }

    @Override
    public String toString() {
        return json.toString();
    }
}

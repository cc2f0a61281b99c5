package org.barnraiser.helm.chart;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.helm.YamlText;

/** What an API server would say of an InferenceCluster, as far as the structural schema goes. */
final class CrdSchema {
    private final List<String> mistakes = new ArrayList<>();

    private CrdSchema() {}

    /** Empty when all is well. */
    static List<String> mistakes(JsonNode object) throws IOException {
        JsonNode crd = YamlText.parse(Files.readString(Chart.FOLDER.resolve("crds/inferenceclusters.yaml"))).getFirst();
        JsonNode schema = crd.path("spec").path("versions").path(0).path("schema").path("openAPIV3Schema");
        CrdSchema check = new CrdSchema();
        check.check("spec", schema.path("properties").path("spec"), object.path("spec"));
        return check.mistakes;
    }

    private void check(String path, JsonNode schema, JsonNode value) {
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
            require(value.isTextual() || value.isIntegralNumber(), path + " is neither a number nor text");
            return;
        }
        switch (schema.path("type").asText()) {
            case "object" -> object(path, schema, value);
            case "array" -> {
                require(value.isArray(), path + " is no list");
                require(value.size() >= schema.path("minItems").asInt(0), path + " has too few entries");
                for (int i = 0; i < value.size(); i++) {
                    check(path + "[" + i + "]", schema.path("items"), value.path(i));
                }
            }
            case "string" -> {
                require(value.isTextual(), path + " is no text");
                require(!schema.has("pattern") || value.asText().matches(schema.path("pattern").asText()),
                        path + " has not the form " + schema.path("pattern").asText());
                require(!schema.has("enum") || schema.path("enum").valueStream().anyMatch(value::equals),
                        path + " is none of " + schema.path("enum"));
            }
            case "integer" -> {
                require(value.isIntegralNumber(), path + " is no whole number");
                require(value.asLong() >= schema.path("minimum").asLong(Long.MIN_VALUE), path + " is too small");
                require(value.asLong() <= schema.path("maximum").asLong(Long.MAX_VALUE), path + " is too large");
            }
            case "number" -> require(value.isNumber(), path + " is no number");
            case "boolean" -> require(value.isBoolean(), path + " is neither true nor false");
            default -> mistakes.add(path + " is not described");
        }
    }

    private void object(String path, JsonNode schema, JsonNode value) {
        require(value.isObject(), path + " is no object");
        schema.path("required")
                .forEach(name -> require(value.has(name.asText()), path + "." + name.asText() + " is missing"));
        value.properties().forEach(field -> {
            JsonNode known = schema.path("properties").path(field.getKey());
            JsonNode more = schema.path("additionalProperties");
            require(!known.isMissingNode() || more.isObject(), path + "." + field.getKey() + " is not known");
            if (!known.isMissingNode() || more.isObject()) {
                check(path + "." + field.getKey(), known.isMissingNode() ? more : known, field.getValue());
            }
        });
    }

    private void require(boolean holds, String mistake) {
        if (!holds) {
            mistakes.add(mistake);
        }
    }
}

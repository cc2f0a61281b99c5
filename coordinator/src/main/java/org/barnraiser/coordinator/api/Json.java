package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Reads and writes JSON. Errors never quote the text that was read, because it may be a reader's prompt. */
final class Json {
    private static final int MAX_NESTING = 100;
    private static final int MAX_NUMBER_CHARS = 100;
    private static final JsonMapper MAPPER = JsonMapper
            .builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING)
                            .maxNumberLength(MAX_NUMBER_CHARS).maxStringLength(Integer.MAX_VALUE).build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** One JSON object, and nothing after it. */
    static ObjectNode parseObject(byte[] bytes) throws ApiException {
        JsonNode node;
        try {
            node = MAPPER.readTree(bytes);
        } catch (JsonProcessingException malformed) {
            JsonLocation at = malformed.getLocation();
            throw ApiException.invalid(null, "The request body is not valid JSON, or nested deeper than " + MAX_NESTING
                    + (at == null ? "." : ": line " + at.getLineNr() + ", column " + at.getColumnNr() + "."));
        } catch (IOException invalid) {
            throw ApiException.invalid(null, "The request body is not valid JSON in UTF-8.");
        }
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw ApiException.invalid(null, "The request body must be a JSON object.");
    }

    static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    static byte[] bytes(JsonNode value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}

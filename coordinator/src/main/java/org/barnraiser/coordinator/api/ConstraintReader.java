package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** Reads {@code response_format} and {@code grammar}. */
final class ConstraintReader {
    private static final int MAX_GRAMMAR_CHARS = 256 << 10;
    private static final String ANY_OBJECT = "{\"type\":\"object\"}";

    private ConstraintReader() {}

    static AnswerConstraint read(Fields fields) throws ApiException {
        Optional<String> grammar = fields.string("grammar").filter(text -> !text.isEmpty());
        AnswerConstraint format = responseFormat(fields);
        if (grammar.isEmpty()) {
            return format;
        }
        if (!(format instanceof AnswerConstraint.Free)) {
            throw fields.refused("grammar", "cannot be used together with 'response_format'");
        }
        if (grammar.get().length() > MAX_GRAMMAR_CHARS) {
            throw fields.refused("grammar", "must have at most " + MAX_GRAMMAR_CHARS + " characters");
        }
        return new AnswerConstraint.Grammar(grammar.get());
    }

    private static AnswerConstraint responseFormat(Fields fields) throws ApiException {
        Optional<Fields> format = fields.fields("response_format");
        if (format.isEmpty()) {
            return new AnswerConstraint.Free();
        }
        Fields inner = format.get();
        return switch (inner.string("type").orElse("")) {
            case "text" -> new AnswerConstraint.Free();
            case "json_object" -> new AnswerConstraint.Schema(ANY_OBJECT, "response_format");
            case "json_schema" -> schema(inner);
            default -> throw inner.refused("type", "must be \"text\", \"json_object\" or \"json_schema\"");
        };
    }

    private static AnswerConstraint schema(Fields format) throws ApiException {
        Fields named = format.fields("json_schema")
                .orElseThrow(() -> format.refused("json_schema", "is needed with the type \"json_schema\""));
        JsonNode schema = named.node("schema")
                .orElseThrow(() -> named.refused("schema", "is needed with the type \"json_schema\""));
        if (!schema.isObject()) {
            throw named.refused("schema", "must be an object");
        }
        String json = schema.toString();
        if (json.length() > MAX_GRAMMAR_CHARS) {
            throw named.refused("schema", "must have at most " + MAX_GRAMMAR_CHARS + " characters");
        }
        return new AnswerConstraint.Schema(json, named.path("schema"));
    }
}

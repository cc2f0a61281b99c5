package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.barnraiser.coordinator.api.schema.GrammarBuilder;
import org.barnraiser.coordinator.api.schema.UnsupportedSchemaException;

/** Reads {@code response_format} and {@code grammar}. */
final class ConstraintReader {
    private static final int MAX_GRAMMAR_CHARS = 256 << 10;
    private static final JsonNode ANY_OBJECT = Json.object().put("type", "object");

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
            case "json_object" -> holding(ANY_OBJECT, false, "response_format");
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
        return holding(schema, named.flag("strict"), named.path("schema"));
    }

    /**
     * What a JSON schema allows.
     *
     * @param strict whether a keyword that cannot be held to is refused; else it is passed over
     * @param param the field that it came from
     */
    static AnswerConstraint holding(JsonNode schema, boolean strict, String param) throws ApiException {
        if (schema.toString().length() > MAX_GRAMMAR_CHARS) {
            throw ApiException.invalid(param,
                    "'" + param + "' must have at most " + MAX_GRAMMAR_CHARS + " characters.");
        }
        try {
            return new AnswerConstraint.Grammar(GrammarBuilder.of(schema, strict).gbnf());
        } catch (UnsupportedSchemaException unsupported) {
            throw ApiException.invalid(param, "The JSON schema cannot be used: " + unsupported.getMessage());
        }
    }
}

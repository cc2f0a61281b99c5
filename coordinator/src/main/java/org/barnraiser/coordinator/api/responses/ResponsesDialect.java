package org.barnraiser.coordinator.api.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.api.ApiException;
import org.barnraiser.coordinator.api.Fields;
import org.barnraiser.coordinator.api.dialect.ChatTranslation;
import org.barnraiser.coordinator.api.dialect.Dialect;
import org.barnraiser.coordinator.api.dialect.FieldOrigins;
import org.barnraiser.coordinator.model.ModelDescription;

/** Requests to {@code /v1/responses}. */
public final class ResponsesDialect implements Dialect {
    /** Fields with the same meaning in both; the last ones are Barnraiser's own. */
    private static final List<String> SAME = List.of("model", "stream", "temperature", "top_p", "top_logprobs",
            "parallel_tool_calls", "user", "seed", "adapters", "receipt");
    private static final String NOTHING_STORED = "cannot be used: no text is stored here; send the whole conversation"
            + " in 'input'";

    @Override
    public ChatTranslation translate(Fields fields, ModelDescription model) throws ApiException {
        refuse(fields);
        ObjectNode chat = JsonNodeFactory.instance.objectNode();
        FieldOrigins origins = new FieldOrigins();
        SAME.forEach(name -> fields.node(name).ifPresent(value -> chat.set(name, value)));
        fields.node("max_output_tokens").ifPresent(value -> chat.set("max_completion_tokens", value));
        origins.note("max_completion_tokens", "max_output_tokens");
        new InputTranslation(chat, origins).translate(fields);
        FunctionTranslation.translate(fields, chat, origins);
        translateFormat(fields, chat, origins);
        Optional<Fields> reasoning = fields.fields("reasoning");
        if (reasoning.isPresent() && reasoning.get().node("effort").isPresent()) {
            chat.put("reasoning_effort", reasoning.get().needed("effort"));
            origins.note("reasoning_effort", "reasoning.effort");
        }
        if (wantsLogprobs(fields)) {
            chat.put("logprobs", true);
        }
        return new ChatTranslation(chat, origins, new ResponseFormat(fields.json(), model));
    }

    private static void refuse(Fields fields) throws ApiException {
        fields.refuse("previous_response_id", NOTHING_STORED);
        fields.refuse("conversation", NOTHING_STORED);
        fields.refuse("prompt", "cannot be used: no prompts are stored here; send 'instructions' and 'input'");
        fields.refuse("context_management", "is not supported: leave out yourself what is no longer needed");
        fields.refuse("moderation", "is not supported: nobody reads along here");
        if (fields.flag("background")) {
            throw fields.refused("background",
                    "cannot be true: no text is stored here, so an answer must be waited for");
        }
        if (!fields.string("truncation").orElse("disabled").equals("disabled")) {
            throw fields.refused("truncation", "must be \"disabled\": nothing is left out of what you send");
        }
    }

    private static boolean wantsLogprobs(Fields fields) throws ApiException {
        Optional<JsonNode> include = fields.node("include");
        if (include.isPresent()) {
            if (!include.get().isArray()) {
                throw fields.refused("include", "must be a list");
            }
            for (JsonNode each : include.get()) {
                if (each.asText().equals("message.output_text.logprobs")) {
                    return true;
                }
            }
        }
        return fields.node("top_logprobs").filter(value -> !value.isInt() || value.intValue() > 0).isPresent();
    }

    private static void translateFormat(Fields fields, ObjectNode chat, FieldOrigins origins)
            throws ApiException {
        Optional<Fields> text = fields.fields("text");
        Optional<Fields> format = text.isEmpty() ? Optional.empty() : text.get().fields("format");
        if (format.isEmpty()) {
            return;
        }
        ObjectNode wanted = chat.putObject("response_format").put("type", format.get().type());
        origins.note("response_format", format.get().path());
        origins.note("response_format.json_schema", format.get().path());
        if (format.get().type().equals("json_schema")) {
            ObjectNode schema = wanted.putObject("json_schema");
            for (String name : List.of("name", "description", "schema", "strict")) {
                format.get().node(name).ifPresent(value -> schema.set(name, value));
            }
        }
    }
}

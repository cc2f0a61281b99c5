package org.barnraiser.coordinator.api.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.api.ApiException;
import org.barnraiser.coordinator.api.Fields;
import org.barnraiser.coordinator.api.contract.ResponsesContract;
import org.barnraiser.coordinator.api.dialect.ChatTranslation;
import org.barnraiser.coordinator.api.dialect.Dialect;
import org.barnraiser.coordinator.api.dialect.FieldOrigins;
import org.barnraiser.coordinator.model.ModelDescription;

/** Requests to {@code /v1/responses}. */
public final class ResponsesDialect implements Dialect {
    /** Fields with the same meaning in both; the last ones are Barnraiser's own. */
    private static final List<String> SAME = List.of("model", "stream", "temperature", "top_p", "top_logprobs",
            "parallel_tool_calls", "user", "seed", "adapters", "receipt");

    @Override
    public ChatTranslation translate(Fields fields, ModelDescription model) throws ApiException {
        ResponsesContract.RESPONSES.refuseUnsupported(fields);
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

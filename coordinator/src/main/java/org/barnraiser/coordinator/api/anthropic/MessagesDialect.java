package org.barnraiser.coordinator.api.anthropic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.api.ApiException;
import org.barnraiser.coordinator.api.Fields;
import org.barnraiser.coordinator.api.contract.MessagesContract;
import org.barnraiser.coordinator.api.dialect.ChatTranslation;
import org.barnraiser.coordinator.api.dialect.Dialect;
import org.barnraiser.coordinator.api.dialect.FieldOrigins;
import org.barnraiser.coordinator.model.ModelDescription;

/** Requests to {@code /v1/messages}. */
public final class MessagesDialect implements Dialect {
    /** Fields with the same meaning in both; the last ones are Barnraiser's own. */
    private static final List<String> SAME = List.of("model", "max_tokens", "stream", "temperature", "top_p", "top_k",
            "seed", "adapters", "receipt");

    @Override
    public ChatTranslation translate(Fields fields, ModelDescription model) throws ApiException {
        MessagesContract.MESSAGES.refuseUnsupported(fields);
        ObjectNode chat = JsonNodeFactory.instance.objectNode();
        FieldOrigins origins = new FieldOrigins();
        SAME.forEach(name -> fields.node(name).ifPresent(value -> chat.set(name, value)));
        fields.node("stop_sequences").ifPresent(stops -> chat.set("stop", stops));
        origins.note("stop", "stop_sequences");
        new ConversationTranslation(chat, origins).translate(fields);
        ToolTranslation.translate(fields, chat, origins);
        boolean thinks = translateThinking(fields, chat, origins);
        translateOutput(fields, chat, origins);
        return new ChatTranslation(chat, origins, new MessageFormat(model, thinks));
    }

    /** Whether thoughts are to be shown. How long they may be is not for the model's template to say, so a budget is not kept. */
    private static boolean translateThinking(Fields fields, ObjectNode chat, FieldOrigins origins)
            throws ApiException {
        Optional<Fields> thinking = fields.fields("thinking");
        boolean wanted = thinking.isPresent() && switch (thinking.get().type()) {
            case "enabled", "adaptive", "between_tools" -> true;
            case "disabled" -> false;
            default -> throw thinking.get().refused("type", "must be \"enabled\", \"adaptive\" or \"disabled\"");
        };
        if (thinking.isPresent()) {
            chat.putObject("chat_template_kwargs").put("enable_thinking", wanted);
            origins.note("chat_template_kwargs", "thinking");
        }
        return wanted;
    }

    private static void translateOutput(Fields fields, ObjectNode chat, FieldOrigins origins)
            throws ApiException {
        Optional<Fields> output = fields.fields("output_config");
        Optional<Fields> format = output.isEmpty() ? Optional.empty() : output.get().fields("format");
        if (format.isEmpty()) {
            return;
        }
        if (!format.get().type().equals("json_schema")) {
            throw format.get().refused("type", "must be \"json_schema\"");
        }
        Fields schema = format.get().neededFields("schema");
        ObjectNode wanted = chat.putObject("response_format").put("type", "json_schema").putObject("json_schema");
        wanted.put("name", "answer").put("strict", true).set("schema", schema.json());
        origins.note("response_format", format.get().path());
        origins.note("response_format.json_schema.schema", schema.path());
    }
}

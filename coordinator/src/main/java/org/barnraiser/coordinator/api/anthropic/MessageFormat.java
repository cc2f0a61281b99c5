package org.barnraiser.coordinator.api.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.barnraiser.coordinator.api.AnswerFormat;
import org.barnraiser.coordinator.api.EventFormat;
import org.barnraiser.coordinator.api.Finish;
import org.barnraiser.coordinator.api.FinishReason;
import org.barnraiser.coordinator.api.FinishedChoice;
import org.barnraiser.coordinator.api.Usage;
import org.barnraiser.coordinator.api.answer.ToolCalled;
import org.barnraiser.coordinator.model.ModelDescription;

/** Writes an answer as Anthropic's message. */
final class MessageFormat implements AnswerFormat {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String id = "msg_" + UUID.randomUUID().toString().replace("-", "");
    private final ModelDescription model;
    private final boolean thinks;

    /** @param thinks whether the reader wants to see what the model thought */
    MessageFormat(ModelDescription model, boolean thinks) {
        this.model = model;
        this.thinks = thinks;
    }

    @Override
    public ObjectNode whole(List<FinishedChoice> answers, Usage usage) {
        FinishedChoice answer = answers.getFirst();
        ObjectNode message = envelope();
        ArrayNode content = message.putArray("content");
        if (thinks && !answer.reasoning().isEmpty()) {
            content.addObject().put("type", "thinking").put("thinking", answer.reasoning()).put("signature", "");
        }
        if (!answer.text().isEmpty()) {
            content.addObject().put("type", "text").put("text", answer.text());
        }
        for (ToolCalled call : answer.calls()) {
            content.addObject().put("type", "tool_use").put("id", call.id()).put("name", call.name()).set("input",
                    input(call.arguments()));
        }
        putStop(message, answer.finish());
        message.set("usage", usage(usage));
        return message;
    }

    @Override
    public EventFormat events() {
        return new MessageEvents(this, thinks);
    }

    /** What a message says before it has any content. */
    ObjectNode envelope() {
        return JsonNodeFactory.instance.objectNode().put("id", id).put("type", "message").put("role", "assistant")
                .put("model", model.name()).put("system_fingerprint", "sha256:" + model.digest());
    }

    static void putStop(ObjectNode message, Finish finish) {
        message.put("stop_reason", finish.stop().isPresent() ? "stop_sequence" : reason(finish.reason()));
        message.put("stop_sequence", finish.stop().orElse(null));
    }

    private static String reason(FinishReason reason) {
        return switch (reason) {
            case STOP -> "end_turn";
            case LENGTH -> "max_tokens";
            case TOOL_CALLS -> "tool_use";
        };
    }

    /** Anthropic counts what was remembered of a prompt apart from what was read. */
    static ObjectNode usage(Usage usage) {
        return JsonNodeFactory.instance.objectNode().put("input_tokens", usage.promptTokens() - usage.cachedTokens())
                .put("cache_creation_input_tokens", 0).put("cache_read_input_tokens", usage.cachedTokens())
                .put("output_tokens", usage.completionTokens());
    }

    /** Arguments that are no whole object, as when the answer was cut short, are given as they are. */
    private static JsonNode input(String arguments) {
        try {
            JsonNode parsed = JSON.readTree(arguments);
            if (parsed.isObject()) {
                return parsed;
            }
        } catch (IOException _) {
            // Given as text below.
        }
        return JSON.createObjectNode().put("arguments", arguments);
    }
}

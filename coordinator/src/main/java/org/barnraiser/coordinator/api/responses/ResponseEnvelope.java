package org.barnraiser.coordinator.api.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.UUID;
import org.barnraiser.coordinator.api.Usage;
import org.barnraiser.coordinator.model.ModelDescription;

/** What a response says beside its output: mostly what was asked for. */
final class ResponseEnvelope {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private ResponseEnvelope() {}

    static ObjectNode of(ObjectNode request, ModelDescription model) {
        ObjectNode response = JSON.objectNode().put("id", "resp_" + UUID.randomUUID().toString().replace("-", ""))
                .put("object", "response").put("created_at", System.currentTimeMillis() / 1000)
                .put("status", "in_progress").put("background", false).put("store", false).putNull("error")
                .putNull("incomplete_details").putNull("previous_response_id").put("truncation", "disabled")
                .put("model", model.name()).put("system_fingerprint", "sha256:" + model.digest());
        echo(response, request, "instructions", NullNode.instance);
        echo(response, request, "max_output_tokens", NullNode.instance);
        echo(response, request, "metadata", JSON.objectNode());
        echo(response, request, "parallel_tool_calls", BooleanNode.TRUE);
        echo(response, request, "temperature", DoubleNode.valueOf(1));
        echo(response, request, "top_p", DoubleNode.valueOf(1));
        echo(response, request, "top_logprobs", JSON.numberNode(0));
        echo(response, request, "tools", JSON.arrayNode());
        echo(response, request, "tool_choice", TextNode.valueOf("auto"));
        echo(response, request, "text", JSON.objectNode().set("format", JSON.objectNode().put("type", "text")));
        echo(response, request, "reasoning", JSON.objectNode().putNull("effort").putNull("summary"));
        echo(response, request, "user", NullNode.instance);
        return response;
    }

    private static void echo(ObjectNode response, ObjectNode request, String name, JsonNode absent) {
        JsonNode asked = request.get(name);
        response.set(name, asked == null || asked.isNull() ? absent : asked);
    }

    static ObjectNode usage(Usage usage) {
        ObjectNode told = JSON.objectNode().put("input_tokens", usage.promptTokens())
                .put("output_tokens", usage.completionTokens())
                .put("total_tokens", usage.promptTokens() + usage.completionTokens());
        told.putObject("input_tokens_details").put("cached_tokens", usage.cachedTokens());
        told.putObject("output_tokens_details").put("reasoning_tokens", usage.reasoningTokens());
        return told;
    }
}

package org.barnraiser.coordinator.api.chat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * What a chat template makes a prompt of.
 *
 * @param tools descriptions of functions that the model may call, as the reader sent them
 * @param templateVariables further variables of the template, such as {@code enable_thinking}
 */
public record ChatConversation(List<ChatMessage> messages, List<JsonNode> tools,
        Map<String, JsonNode> templateVariables) {

    public ChatConversation(List<ChatMessage> messages) {
        this(messages, List.of(), Map.of());
    }
}

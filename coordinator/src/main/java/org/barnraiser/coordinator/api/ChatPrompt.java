package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * A conversation that the model is to continue with an assistant's message.
 *
 * @param tools what the client offers the model to call, as it described them
 */
record ChatPrompt(List<Message> messages, List<JsonNode> tools) {

    /**
     * One message.
     *
     * @param content its text, empty if it has none
     * @param toolCalls what an assistant called
     * @param toolCallId which call a tool's message answers, empty if none
     * @param name who speaks, empty if not given
     */
    record Message(String role, String content, List<JsonNode> toolCalls, String toolCallId, String name) {}
}

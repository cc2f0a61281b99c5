package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.barnraiser.coordinator.api.chat.ChatMessage;
import org.barnraiser.coordinator.api.tools.ToolUse;

/**
 * A conversation to answer, whichever API it came by.
 *
 * @param messages at least one
 * @param begun what the assistant's answer begins with; may be empty
 * @param templateVariables further variables of the model's chat template
 */
public record ChatTask(List<ChatMessage> messages, ToolUse tools, String begun,
        Map<String, JsonNode> templateVariables) {}

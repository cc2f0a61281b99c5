package org.barnraiser.coordinator.api.chat;

import java.util.List;
import java.util.Optional;

/**
 * One message of a chat.
 *
 * @param role one of system, developer, user, assistant and tool
 * @param content its text; an assistant that calls tools may have none
 * @param reasoning what the assistant thought before it answered
 * @param name of the one who speaks, or of the tool
 * @param toolCallId the call that a tool's message answers
 * @param toolCalls calls that the assistant made
 */
public record ChatMessage(String role, Optional<String> content, Optional<String> reasoning, Optional<String> name,
        Optional<String> toolCallId, List<ToolCall> toolCalls) {

    /** A call of a function; the arguments are JSON as text. */
    public record ToolCall(String id, String name, String arguments) {}

    /** A message with text and nothing else. */
    public static ChatMessage of(String role, String content) {
        return new ChatMessage(role, Optional.of(content), Optional.empty(), Optional.empty(), Optional.empty(),
                List.of());
    }
}

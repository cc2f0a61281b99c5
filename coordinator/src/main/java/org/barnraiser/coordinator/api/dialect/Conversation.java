package org.barnraiser.coordinator.api.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A chat request's messages as they are put together, each noted with what it was made of. */
public final class Conversation {
    private final ArrayNode messages;
    private final FieldOrigins origins;

    public Conversation(ObjectNode chat, FieldOrigins origins) {
        this.messages = chat.putArray("messages");
        this.origins = origins;
    }

    /** A new message. */
    public ObjectNode add(String role, String origin) {
        origins.note("messages[" + messages.size() + "]", origin);
        return messages.addObject().put("role", role);
    }

    /** More text of this speaker: a message of its own only if somebody else spoke last. */
    public void say(String role, String text, String origin) {
        append(speaker(role, origin), "content", text);
    }

    /** What the assistant thought. */
    public void think(String thought, String origin) {
        append(speaker("assistant", origin), "reasoning_content", thought);
    }

    /** A call that the assistant made; the arguments are JSON as text. */
    public void call(String id, String name, String arguments, String origin) {
        speaker("assistant", origin).withArray("tool_calls").addObject().put("id", id).put("type", "function")
                .putObject("function").put("name", name).put("arguments", arguments);
    }

    /** Whether the last message has calls whose results are missing. */
    public boolean endsWithCalls() {
        return !messages.isEmpty() && messages.get(messages.size() - 1).has("tool_calls");
    }

    private ObjectNode speaker(String role, String origin) {
        JsonNode last = messages.isEmpty() ? null : messages.get(messages.size() - 1);
        return last instanceof ObjectNode same && same.path("role").asText().equals(role) ? same : add(role, origin);
    }

    private static void append(ObjectNode message, String field, String text) {
        JsonNode before = message.get(field);
        message.put(field, before == null ? text : before.textValue() + "\n" + text);
    }
}

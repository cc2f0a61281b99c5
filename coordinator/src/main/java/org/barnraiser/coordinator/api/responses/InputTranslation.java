package org.barnraiser.coordinator.api.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.api.ApiException;
import org.barnraiser.coordinator.api.Fields;
import org.barnraiser.coordinator.api.dialect.Conversation;
import org.barnraiser.coordinator.api.dialect.FieldOrigins;

/** Makes a chat's messages of instructions and input items. What the assistant thought, said and called becomes one message. */
final class InputTranslation {
    private final Conversation conversation;

    InputTranslation(ObjectNode chat, FieldOrigins origins) {
        this.conversation = new Conversation(chat, origins);
    }

    void translate(Fields fields) throws ApiException {
        Optional<String> instructions = fields.string("instructions");
        if (instructions.isPresent()) {
            conversation.say("system", instructions.get(), "instructions");
        }
        Optional<JsonNode> input = fields.node("input");
        if (input.isEmpty()) {
            throw fields.refused("input", "is needed: a string, or a list of items");
        }
        if (input.get().isTextual()) {
            conversation.add("user", "input").put("content", input.get().textValue());
            return;
        }
        List<Fields> items = fields.objects("input");
        if (items.isEmpty()) {
            throw fields.refused("input", "must hold at least one item");
        }
        for (Fields item : items) {
            item(item);
        }
    }

    private void item(Fields item) throws ApiException {
        switch (item.type()) {
            case "", "message" -> message(item);
            case "function_call" -> conversation.call(item.needed("call_id"), item.needed("name"),
                    item.needed("arguments"), item.path());
            case "function_call_output" -> conversation.add("tool", item.path())
                    .put("tool_call_id", item.needed("call_id")).put("content", text(item, "output"));
            case "reasoning" -> reasoning(item);
            case "item_reference" -> throw item.refused("type",
                    "cannot be \"item_reference\": no text is stored here; send the item itself");
            default -> throw item.refused("type", "must be \"message\", \"function_call\", \"function_call_output\" or "
                    + "\"reasoning\"; nothing else is understood here");
        }
    }

    private void message(Fields item) throws ApiException {
        String role = item.string("role").orElse("");
        String text = text(item, "content");
        switch (role) {
            case "user" -> conversation.add("user", item.path()).put("content", text);
            case "system", "developer", "assistant" -> conversation.say(role, text, item.path());
            default -> throw item.refused("role", "must be system, developer, user or assistant");
        }
    }

    /** Thoughts that only the server which wrote them can read are left out. */
    private void reasoning(Fields item) throws ApiException {
        for (Fields part : item.objects("content")) {
            conversation.think(part.needed("text"), item.path());
        }
    }

    private static String text(Fields item, String name) throws ApiException {
        Optional<JsonNode> value = item.node(name);
        if (value.isEmpty()) {
            throw item.refused(name, "is needed: a string, or a list of parts");
        }
        if (value.get().isTextual()) {
            return value.get().textValue();
        }
        StringBuilder text = new StringBuilder();
        for (Fields part : item.objects(name)) {
            text.append(switch (part.type()) {
                case "input_text", "output_text", "text" -> part.needed("text");
                case "refusal" -> part.needed("refusal");
                default -> throw part.refused("type", "must be \"input_text\" or \"output_text\"; nothing else is "
                        + "understood here");
            });
        }
        return text.toString();
    }
}

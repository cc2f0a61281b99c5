package org.barnraiser.coordinator.api.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.api.ApiException;
import org.barnraiser.coordinator.api.Fields;
import org.barnraiser.coordinator.api.dialect.Conversation;
import org.barnraiser.coordinator.api.dialect.FieldOrigins;

/**
 * Makes a chat's messages of a system prompt and turns of content blocks. Turns of the same speaker that follow each other become
 * one, as Anthropic has it; results of tools become messages of their own.
 */
final class ConversationTranslation {
    private final ObjectNode chat;
    private final FieldOrigins origins;
    private final Conversation conversation;

    ConversationTranslation(ObjectNode chat, FieldOrigins origins) {
        this.chat = chat;
        this.origins = origins;
        this.conversation = new Conversation(chat, origins);
    }

    void translate(Fields fields) throws ApiException {
        Optional<String> system = plainText(fields, "system");
        if (system.isPresent() && !system.get().isEmpty()) {
            conversation.say("system", system.get(), "system");
        }
        List<Fields> turns = fields.objects("messages");
        if (turns.isEmpty()) {
            throw fields.refused("messages", "must hold at least one message");
        }
        for (Fields turn : turns) {
            switch (turn.string("role").orElse("")) {
                case "user" -> user(turn);
                case "assistant" -> assistant(turn);
                case "system" -> conversation.say("system", plainText(turn, "content").orElse(""), turn.path());
                default -> throw turn.refused("role", "must be \"user\", \"assistant\" or \"system\"");
            }
        }
        goOnWithLast(turns.getLast());
    }

    /** A last turn of the assistant is the beginning of the answer. */
    private void goOnWithLast(Fields turn) throws ApiException {
        if (!turn.string("role").orElse("").equals("assistant")) {
            return;
        }
        if (conversation.endsWithCalls()) {
            throw turn.refused("content", "calls tools: the next message must hold their results");
        }
        chat.put("continue_final_message", true);
        origins.note("continue_final_message", turn.path());
    }

    private void user(Fields turn) throws ApiException {
        for (Fields block : blocks(turn)) {
            switch (block.type()) {
                case "text" -> conversation.say("user", block.needed("text"), turn.path());
                case "document" -> conversation.say("user", document(block), turn.path());
                case "tool_result" -> toolResult(block);
                default -> throw block.refused("type", "must be \"text\", \"document\" with a text, or "
                        + "\"tool_result\" in a message of the user; nothing else is understood here");
            }
        }
    }

    private void assistant(Fields turn) throws ApiException {
        for (Fields block : blocks(turn)) {
            switch (block.type()) {
                case "text" -> conversation.say("assistant", block.needed("text"), turn.path());
                case "thinking" -> conversation.think(block.needed("thinking"), turn.path());
                case "redacted_thinking" -> {
                    // Only the server that wrote it can read it.
                }
                case "tool_use" -> conversation.call(block.needed("id"), block.needed("name"),
                        block.neededFields("input").json().toString(), turn.path());
                default -> throw block.refused("type", "must be \"text\", \"thinking\" or \"tool_use\" in a message "
                        + "of the assistant; nothing else is understood here");
            }
        }
    }

    /** A failure is told in words, as chat templates have no other place for it. */
    private void toolResult(Fields block) throws ApiException {
        String text = plainText(block, "content").orElse("");
        conversation.add("tool", block.path()).put("tool_call_id", block.needed("tool_use_id"))
                .put("content", block.flag("is_error") ? "Error: " + text : text);
    }

    private static String document(Fields block) throws ApiException {
        Fields source = block.neededFields("source");
        if (!source.type().equals("text")) {
            throw source.refused("type", "must be \"text\"; other documents become text at '/api/attachments/text'");
        }
        return block.string("title").map(title -> title + "\n").orElse("") + source.needed("data");
    }

    /** A message's content as blocks, also when it is a string. */
    private static List<Fields> blocks(Fields turn) throws ApiException {
        Optional<JsonNode> content = turn.node("content");
        if (content.isPresent() && content.get().isTextual()) {
            ObjectNode block = turn.json().objectNode().put("type", "text").set("text", content.get());
            return List.of(Fields.of(block, turn.path("content")));
        }
        List<Fields> blocks = turn.objects("content");
        if (blocks.isEmpty()) {
            throw turn.refused("content", "is needed: a string, or a list of blocks");
        }
        return blocks;
    }

    /** A string, or blocks of text. */
    private static Optional<String> plainText(Fields fields, String name) throws ApiException {
        Optional<JsonNode> value = fields.node(name);
        if (value.isEmpty() || value.get().isTextual()) {
            return value.map(JsonNode::textValue);
        }
        List<String> texts = new ArrayList<>();
        for (Fields block : fields.objects(name)) {
            if (!block.type().equals("text")) {
                throw block.refused("type", "must be \"text\"; nothing else is understood here");
            }
            texts.add(block.needed("text"));
        }
        return Optional.of(String.join("\n", texts));
    }
}

package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.barnraiser.coordinator.model.ModelDescription;

/** Reads requests to {@code /v1/chat/completions}. */
final class ChatRequestReader implements AnswerRequest.Reader {
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool");
    private static final int MAX_TOOLS = 128;
    private static final int MAX_TOOL_CALLS = 128;

    private final PromptRenderer renderer;
    private final int maxMessages;

    ChatRequestReader(PromptRenderer renderer, int maxMessages) {
        this.renderer = renderer;
        this.maxMessages = maxMessages;
    }

    @Override
    public AnswerRequest read(Fields fields, ModelDescription model) throws ApiException {
        ChatPrompt prompt = new ChatPrompt(messages(fields), tools(fields));
        GenerationSettings settings = SettingsReader.read(fields, model, topLogprobs(fields));
        return new AnswerRequest("messages", renderer.render(prompt), settings, new ChatFormat(model));
    }

    private List<ChatPrompt.Message> messages(Fields fields) throws ApiException {
        List<JsonNode> nodes = list(fields, "messages", maxMessages);
        if (nodes.isEmpty()) {
            throw fields.refused("messages", "must hold at least one message");
        }
        List<ChatPrompt.Message> messages = new ArrayList<>(nodes.size());
        for (int i = 0; i < nodes.size(); i++) {
            messages.add(message(Fields.of(nodes.get(i), "messages[" + i + "]")));
        }
        return messages;
    }

    private static ChatPrompt.Message message(Fields fields) throws ApiException {
        String role = fields.string("role").orElse("");
        if (!ROLES.contains(role)) {
            throw fields.refused("role", "must be system, developer, user, assistant or tool");
        }
        List<JsonNode> toolCalls = list(fields, "tool_calls", MAX_TOOL_CALLS);
        Optional<JsonNode> content = fields.node("content");
        if (content.isEmpty() && !role.equals("assistant")) {
            throw fields.refused("content", "is needed: a string, or a list of parts of the type \"text\"");
        }
        return new ChatPrompt.Message(role, content.isEmpty() ? "" : text(fields, content.get()), toolCalls,
                fields.string("tool_call_id").orElse(""), fields.string("name").orElse(""));
    }

    private static String text(Fields fields, JsonNode content) throws ApiException {
        if (content.isTextual()) {
            return content.textValue();
        }
        StringBuilder text = new StringBuilder();
        List<JsonNode> parts = list(fields, "content", Integer.MAX_VALUE);
        for (int i = 0; i < parts.size(); i++) {
            Fields part = Fields.of(parts.get(i), fields.path("content[" + i + "]"));
            if (!part.string("type").orElse("").equals("text")) {
                throw part.refused("type", "must be \"text\"; nothing else is understood here");
            }
            text.append(part.string("text").orElseThrow(() -> part.refused("text", "is needed: a string")));
        }
        return text.toString();
    }

    private static List<JsonNode> tools(Fields fields) throws ApiException {
        List<JsonNode> tools = list(fields, "tools", MAX_TOOLS);
        for (int i = 0; i < tools.size(); i++) {
            Fields.of(tools.get(i), "tools[" + i + "]");
        }
        String choice = fields.node("tool_choice").map(node -> node.asText("a named tool")).orElse("auto");
        return switch (choice) {
            case "auto" -> tools;
            case "none" -> List.of();
            default -> throw fields.refused("tool_choice",
                    "can be \"auto\" or \"none\"; making the model call a tool is not supported yet");
        };
    }

    private static OptionalInt topLogprobs(Fields fields) throws ApiException {
        boolean wanted = fields.flag("logprobs");
        OptionalInt top = fields.integer("top_logprobs", 0, SettingsReader.MAX_TOP_LOGPROBS);
        if (!wanted && top.orElse(0) > 0) {
            throw fields.refused("top_logprobs", "needs 'logprobs' to be true");
        }
        return wanted ? OptionalInt.of(top.orElse(0)) : OptionalInt.empty();
    }

    /** Empty when absent. */
    private static List<JsonNode> list(Fields fields, String name, int most) throws ApiException {
        Optional<JsonNode> value = fields.node(name);
        if (value.isEmpty()) {
            return List.of();
        }
        if (!value.get().isArray()) {
            throw fields.refused(name, "must be a list");
        }
        if (value.get().size() > most) {
            throw fields.refused(name, "must hold at most " + most + " entries");
        }
        List<JsonNode> entries = new ArrayList<>(value.get().size());
        value.get().forEach(entries::add);
        return entries;
    }
}

package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import org.barnraiser.coordinator.api.chat.ChatMessage;
import org.barnraiser.coordinator.api.chat.ChatMessage.ToolCall;
import org.barnraiser.coordinator.api.contract.OpenAiContracts;
import org.barnraiser.coordinator.model.ModelDescription;

/** Reads requests to {@code /v1/chat/completions}. */
final class ChatRequestReader implements AnswerRequest.Reader {
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool");
    private static final Pattern EFFORT = Pattern.compile("[a-z]{1,20}");
    private static final int MAX_TOOL_CALLS = 128;

    private final ChatAnswers answers;
    private final int maxMessages;

    ChatRequestReader(ChatAnswers answers, int maxMessages) {
        this.answers = answers;
        this.maxMessages = maxMessages;
    }

    @Override
    public AnswerRequest read(Fields fields, ModelDescription model) throws ApiException {
        OpenAiContracts.CHAT.refuseUnsupported(fields);
        List<ChatMessage> messages = messages(fields);
        String begun = "";
        if (fields.flag("continue_final_message")) {
            begun = begunAnswer(fields, messages);
            messages = messages.subList(0, messages.size() - 1);
        }
        ChatTask task = new ChatTask(messages, ToolReader.read(fields), begun, templateVariables(fields));
        GenerationSettings settings = SettingsReader.read(fields, model, topLogprobs(fields));
        return answers.request(task, settings, new ChatFormat(model, settings));
    }

    /** What llama.cpp's server and vLLM pass on to templates, and how hard a model is to think. */
    private static Map<String, JsonNode> templateVariables(Fields fields) throws ApiException {
        Map<String, JsonNode> variables = new HashMap<>();
        Optional<Fields> given = fields.fields("chat_template_kwargs");
        if (given.isPresent()) {
            for (String name : List.of("enable_thinking", "thinking")) {
                if (given.get().node(name).isPresent()) {
                    variables.put(name, BooleanNode.valueOf(given.get().flag(name)));
                }
            }
        }
        Optional<String> effort = fields.string("reasoning_effort");
        if (effort.isPresent()) {
            if (!EFFORT.matcher(effort.get()).matches()) {
                throw fields.refused("reasoning_effort", "must be a word like none, minimal, low, medium or high");
            }
            variables.put("reasoning_effort", TextNode.valueOf(effort.get()));
            if (effort.get().equals("none")) {
                variables.putIfAbsent("enable_thinking", BooleanNode.FALSE);
            }
        }
        return variables;
    }

    /** What the assistant said so far, to be gone on with. */
    private static String begunAnswer(Fields fields, List<ChatMessage> messages) throws ApiException {
        ChatMessage last = messages.getLast();
        if (!last.role().equals("assistant") || messages.size() < 2) {
            throw fields.refused("continue_final_message", "needs a last message of the assistant, after another one");
        }
        return last.content().orElse("");
    }

    private List<ChatMessage> messages(Fields fields) throws ApiException {
        List<JsonNode> nodes = fields.list("messages", maxMessages);
        if (nodes.isEmpty()) {
            throw fields.refused("messages", "must hold at least one message");
        }
        List<ChatMessage> messages = new ArrayList<>(nodes.size());
        for (int i = 0; i < nodes.size(); i++) {
            messages.add(message(Fields.of(nodes.get(i), "messages[" + i + "]")));
        }
        return messages;
    }

    private static ChatMessage message(Fields fields) throws ApiException {
        String role = fields.string("role").orElse("");
        if (!ROLES.contains(role)) {
            throw fields.refused("role", "must be system, developer, user, assistant or tool");
        }
        Optional<JsonNode> content = fields.node("content");
        if (content.isEmpty() && !role.equals("assistant")) {
            throw fields.refused("content", "is needed: a string, or a list of parts of the type \"text\"");
        }
        return new ChatMessage(role, content.isEmpty() ? Optional.empty() : Optional.of(text(fields, content.get())),
                fields.string("reasoning_content"), fields.string("name"), fields.string("tool_call_id"),
                toolCalls(fields));
    }

    private static List<ToolCall> toolCalls(Fields fields) throws ApiException {
        List<JsonNode> nodes = fields.list("tool_calls", MAX_TOOL_CALLS);
        List<ToolCall> calls = new ArrayList<>(nodes.size());
        for (int i = 0; i < nodes.size(); i++) {
            Fields call = Fields.of(nodes.get(i), fields.path("tool_calls[" + i + "]"));
            Fields function = Fields.of(call.node("function").orElseThrow(() -> call.refused("function", "is needed")),
                    call.path("function"));
            calls.add(new ToolCall(call.string("id").orElse(""),
                    function.string("name").orElseThrow(() -> function.refused("name", "is needed: a string")),
                    function.string("arguments").orElse("{}")));
        }
        return calls;
    }

    private static String text(Fields fields, JsonNode content) throws ApiException {
        if (content.isTextual()) {
            return content.textValue();
        }
        StringBuilder text = new StringBuilder();
        List<JsonNode> parts = fields.list("content", Integer.MAX_VALUE);
        for (int i = 0; i < parts.size(); i++) {
            Fields part = Fields.of(parts.get(i), fields.path("content[" + i + "]"));
            if (!part.string("type").orElse("").equals("text")) {
                throw part.refused("type", "must be \"text\"; nothing else is understood here");
            }
            text.append(part.string("text").orElseThrow(() -> part.refused("text", "is needed: a string")));
        }
        return text.toString();
    }

    private static OptionalInt topLogprobs(Fields fields) throws ApiException {
        boolean wanted = fields.flag("logprobs");
        OptionalInt top = fields.integer("top_logprobs", 0, SettingsReader.MAX_TOP_LOGPROBS);
        if (!wanted && top.orElse(0) > 0) {
            throw fields.refused("top_logprobs", "needs 'logprobs' to be true");
        }
        return wanted ? OptionalInt.of(top.orElse(0)) : OptionalInt.empty();
    }
}

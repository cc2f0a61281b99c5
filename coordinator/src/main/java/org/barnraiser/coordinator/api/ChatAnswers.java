package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.barnraiser.coordinator.api.chat.ChatConversation;
import org.barnraiser.coordinator.api.chat.ChatMessage;
import org.barnraiser.coordinator.api.tools.Tool;
import org.barnraiser.coordinator.model.TextPart;

/** Makes requests for answers of conversations: the prompt, what form the answer must have, and how its parts are told apart. */
public final class ChatAnswers {
    private final ChatRenderer renderer;

    ChatAnswers(ChatRenderer renderer) {
        this.renderer = renderer;
    }

    /** A request that any API's reader may return. */
    public AnswerRequest request(ChatTask task, GenerationSettings settings, AnswerFormat format) throws ApiException {
        List<JsonNode> tools = task.tools().shown().stream().<JsonNode>map(Tool::toJson).toList();
        List<ChatMessage> messages = task.messages();
        if (!renderer.takesTools()) {
            List<ChatMessage> plain = messages.stream().map(ChatAnswers::written).toList();
            messages = tools.isEmpty() ? plain : introduced(tools, plain);
        }
        ChatConversation chat = new ChatConversation(messages, tools, task.templateVariables());
        AnswerReading reading = new AnswerReading(renderer.source(), task.tools(), settings);
        AnswerRequest.Prompt prompt = () -> {
            List<TextPart> parts = renderer.render(chat, task.begun());
            reading.rendered(parts);
            return parts;
        };
        return new AnswerRequest("messages", prompt, reading.settings(), reading::reader, format);
    }

    /** For templates that have no place for calls: they are text, in the form in which the model was told to call. */
    private static ChatMessage written(ChatMessage message) {
        if (message.toolCalls().isEmpty()) {
            return message;
        }
        Stream<String> calls = message.toolCalls().stream().map(
                call -> "{\"name\": " + TextNode.valueOf(call.name()) + ", \"arguments\": " + call.arguments() + "}");
        return new ChatMessage(message.role(),
                Optional.of(Stream.concat(message.content().stream(), calls).collect(Collectors.joining("\n"))),
                message.reasoning(), message.name(), message.toolCallId(), List.of());
    }

    /** For templates that have no place for tools: the system tells the model of them. */
    private static List<ChatMessage> introduced(List<JsonNode> tools, List<ChatMessage> messages) {
        StringBuilder words = new StringBuilder("You may call these functions:\n");
        tools.forEach(tool -> words.append(tool.path("function")).append('\n'));
        words.append("To call one, answer with nothing but {\"name\": its name, \"arguments\": an object}.");
        List<ChatMessage> introduced = new ArrayList<>(messages);
        if (messages.getFirst().role().equals("system")) {
            String before = messages.getFirst().content().orElse("");
            introduced.set(0, ChatMessage.of("system", before + "\n\n" + words));
        } else {
            introduced.addFirst(ChatMessage.of("system", words.toString()));
        }
        return introduced;
    }
}

package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.barnraiser.coordinator.api.answer.PartReader;
import org.barnraiser.coordinator.api.chat.ChatConversation;
import org.barnraiser.coordinator.api.tools.Tool;

/** Makes requests for answers of conversations: the prompt, what form the answer must have, and how its parts are told apart. */
public final class ChatAnswers {
    private final ChatRenderer renderer;

    ChatAnswers(ChatRenderer renderer) {
        this.renderer = renderer;
    }

    /** A request that any API's reader may return. */
    public AnswerRequest request(ChatTask task, GenerationSettings settings, AnswerFormat format) {
        List<JsonNode> tools = task.tools().shown().stream().<JsonNode>map(Tool::toJson).toList();
        ChatConversation chat = new ChatConversation(task.messages(), tools, task.templateVariables());
        return new AnswerRequest("messages", () -> renderer.render(chat, task.begun()), settings, PartReader::plain,
                format);
    }
}

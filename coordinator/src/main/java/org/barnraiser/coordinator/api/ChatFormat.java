package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.api.answer.AnswerPart;
import org.barnraiser.coordinator.api.answer.ToolCalled;
import org.barnraiser.coordinator.model.ModelDescription;

/** Answers of {@code /v1/chat/completions}. */
final class ChatFormat extends OpenAiFormat {

    ChatFormat(ModelDescription model, GenerationSettings settings) {
        super("chatcmpl-", model, settings);
    }

    @Override
    String objectName(boolean chunk) {
        return chunk ? "chat.completion.chunk" : "chat.completion";
    }

    @Override
    void fillWhole(ObjectNode choice, FinishedChoice answer) {
        ObjectNode message = choice.putObject("message").put("role", "assistant");
        List<ToolCalled> calls = answer.calls();
        if (answer.text().isEmpty() && !calls.isEmpty()) {
            message.putNull("content");
        } else {
            message.put("content", answer.text());
        }
        message.putNull("refusal");
        if (!answer.reasoning().isEmpty()) {
            message.put("reasoning_content", answer.reasoning());
        }
        if (!calls.isEmpty()) {
            ArrayNode list = message.putArray("tool_calls");
            calls.forEach(call -> list.addObject().put("id", call.id()).put("type", "function").putObject("function")
                    .put("name", call.name()).put("arguments", call.arguments()));
        }
        putLogprobs(choice, answer.scored());
    }

    @Override
    Optional<ObjectNode> first(int index) {
        ObjectNode chunk = envelope(true);
        ObjectNode choice = choice(chunk, index);
        choice.putObject("delta").put("role", "assistant").put("content", "");
        choice.putNull("logprobs").putNull("finish_reason");
        return Optional.of(chunk);
    }

    @Override
    void fillDelta(ObjectNode choice, Delta delta) {
        ObjectNode gained = choice.putObject("delta");
        for (AnswerPart part : delta.parts()) {
            switch (part) {
                case AnswerPart.Text(String text) -> append(gained, "content", text);
                case AnswerPart.Reasoning(String text) -> append(gained, "reasoning_content", text);
                case AnswerPart.CallBegin(int index, String id, String name) -> call(gained, index).put("id", id)
                        .put("type", "function").putObject("function").put("name", name).put("arguments", "");
                case AnswerPart.CallArguments(int index, String fragment) ->
                    call(gained, index).putObject("function").put("arguments", fragment);
            }
        }
        putLogprobs(choice, delta.scored());
    }

    @Override
    void fillLast(ObjectNode choice) {
        choice.putObject("delta");
    }

    private static void append(ObjectNode gained, String field, String text) {
        gained.put(field, gained.path(field).asText("") + text);
    }

    private static ObjectNode call(ObjectNode gained, int index) {
        return gained.withArrayProperty("tool_calls").addObject().put("index", index);
    }

    private static void putLogprobs(ObjectNode choice, List<Delta.Scored> scored) {
        if (scored.isEmpty()) {
            choice.putNull("logprobs");
            return;
        }
        ObjectNode logprobs = choice.putObject("logprobs");
        logprobs.set("content", ScoredTokens.toJson(scored));
        logprobs.putNull("refusal");
    }
}

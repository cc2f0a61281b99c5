package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.proto.TokenLogprob;

/** Answers of {@code /v1/chat/completions}. */
final class ChatFormat extends AnswerFormat {

    ChatFormat(ModelDescription model) {
        super("chatcmpl-", model);
    }

    @Override
    String objectName(boolean chunk) {
        return chunk ? "chat.completion.chunk" : "chat.completion";
    }

    @Override
    void fillWhole(ObjectNode choice, FinishedChoice answer) {
        choice.putObject("message").put("role", "assistant").put("content", answer.text()).putNull("refusal");
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
        choice.putObject("delta").put("content", delta.text());
        putLogprobs(choice, delta.scored());
    }

    @Override
    void fillLast(ObjectNode choice) {
        choice.putObject("delta");
    }

    private static void putLogprobs(ObjectNode choice, List<Delta.Scored> scored) {
        if (scored.isEmpty()) {
            choice.putNull("logprobs");
            return;
        }
        ObjectNode logprobs = choice.putObject("logprobs");
        ArrayNode content = logprobs.putArray("content");
        logprobs.putNull("refusal");
        for (Delta.Scored each : scored) {
            ObjectNode token = TokenText.scored(each.token().getPiece(), each.token().getLogprob());
            ArrayNode top = token.putArray("top_logprobs");
            for (TokenLogprob likely : each.token().getTopList()) {
                top.add(TokenText.scored(likely.getPiece(), likely.getLogprob()));
            }
            content.add(token);
        }
    }
}

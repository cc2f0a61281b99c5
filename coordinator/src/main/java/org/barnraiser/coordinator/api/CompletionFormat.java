package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.proto.TokenLogprob;

/** Answers of {@code /v1/completions}. */
final class CompletionFormat extends OpenAiFormat {

    CompletionFormat(ModelDescription model, GenerationSettings settings) {
        super("cmpl-", model, settings);
    }

    @Override
    String objectName(boolean chunk) {
        return "text_completion";
    }

    @Override
    void fillWhole(ObjectNode choice, FinishedChoice answer) {
        choice.put("text", answer.text());
        putLogprobs(choice, answer.scored());
    }

    @Override
    Optional<ObjectNode> first(int index) {
        return Optional.empty();
    }

    @Override
    void fillDelta(ObjectNode choice, Delta delta) {
        choice.put("text", delta.text());
        putLogprobs(choice, delta.scored());
    }

    @Override
    void fillLast(ObjectNode choice) {
        choice.put("text", "");
    }

    private static void putLogprobs(ObjectNode choice, List<Delta.Scored> scored) {
        if (scored.isEmpty()) {
            choice.putNull("logprobs");
            return;
        }
        ObjectNode logprobs = choice.putObject("logprobs");
        ArrayNode tokens = logprobs.putArray("tokens");
        ArrayNode tokenLogprobs = logprobs.putArray("token_logprobs");
        ArrayNode topLogprobs = logprobs.putArray("top_logprobs");
        ArrayNode textOffsets = logprobs.putArray("text_offset");
        for (Delta.Scored each : scored) {
            tokens.add(TokenText.of(each.token().getPiece()));
            tokenLogprobs.add(TokenText.logprob(each.token().getLogprob()));
            ObjectNode top = topLogprobs.addObject();
            for (TokenLogprob likely : each.token().getTopList()) {
                top.put(TokenText.of(likely.getPiece()), TokenText.logprob(likely.getLogprob()));
            }
            textOffsets.add(each.textOffset());
        }
    }
}

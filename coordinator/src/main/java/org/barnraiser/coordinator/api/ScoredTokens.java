package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.barnraiser.proto.TokenLogprob;

/** Tokens with their log-probabilities, as OpenAI's chat and responses write them. */
public final class ScoredTokens {

    private ScoredTokens() {}

    /** One entry for each. */
    public static ArrayNode toJson(List<Delta.Scored> scored) {
        ArrayNode content = JsonNodeFactory.instance.arrayNode();
        for (Delta.Scored each : scored) {
            ObjectNode token = TokenText.scored(each.token().getPiece(), each.token().getLogprob());
            ArrayNode top = token.putArray("top_logprobs");
            for (TokenLogprob likely : each.token().getTopList()) {
                top.add(TokenText.scored(likely.getPiece(), likely.getLogprob()));
            }
            content.add(token);
        }
        return content;
    }
}

package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.ImmutableIntArray;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.ModelUnavailableException;

/** {@code POST /v1/detokenize}, as llama.cpp's server has it: the text of some of the hosted model's tokens. */
final class DetokenizeHandler implements Handler {
    private static final int MAX_TOKENS = 100_000;

    private final HostedModel model;
    private final int maxBodyBytes;

    DetokenizeHandler(HostedModel model, int maxBodyBytes) {
        this.model = model;
        this.maxBodyBytes = maxBodyBytes;
    }

    @Override
    public void handle(Context ctx) throws ApiException, IOException {
        Fields fields = new Fields(RequestBody.read(ctx.req(), maxBodyBytes));
        if (fields.node("tokens").isEmpty()) {
            throw fields.refused("tokens", "is needed: a list of tokens");
        }
        ImmutableIntArray.Builder tokens = ImmutableIntArray.builder();
        int vocabulary = model.description().vocabularySize();
        for (JsonNode token : fields.list("tokens", MAX_TOKENS)) {
            if (!token.isInt() || token.intValue() < 0 || token.intValue() >= vocabulary) {
                throw fields.refused("tokens", "must hold whole numbers from 0 to " + (vocabulary - 1));
            }
            tokens.add(token.intValue());
        }
        try {
            Responses.json(ctx, 200,
                    Json.object().put("content", model.detokenize(tokens.build()).toStringUtf8()));
        } catch (ModelUnavailableException unavailable) {
            throw ApiException.of(unavailable);
        }
    }
}

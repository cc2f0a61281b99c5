package org.barnraiser.coordinator.api;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.ModelUnavailableException;

/** {@code POST /v1/messages/count_tokens}: how many tokens the prompt has that a request would make. */
final class CountTokensHandler implements Handler {
    private final HostedModel model;
    private final AnswerRequest.Reader reader;
    private final int maxBodyBytes;

    CountTokensHandler(HostedModel model, AnswerRequest.Reader reader, int maxBodyBytes) {
        this.model = model;
        this.reader = reader;
        this.maxBodyBytes = maxBodyBytes;
    }

    @Override
    public void handle(Context ctx) throws ApiException, IOException {
        Fields fields = new Fields(RequestBody.read(ctx.req(), maxBodyBytes));
        AnswerRequest request = reader.read(fields, model.description());
        try {
            int tokens = model.tokenize(request.prompt().parts(), true).length();
            Responses.json(ctx, 200, Json.object().put("input_tokens", tokens));
        } catch (ModelUnavailableException unavailable) {
            throw ApiException.of(unavailable);
        }
    }
}

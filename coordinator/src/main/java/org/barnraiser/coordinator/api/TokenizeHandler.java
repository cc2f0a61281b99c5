package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.util.List;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.TextPart;

/** {@code POST /v1/tokenize}, as llama.cpp's server has it: which tokens a text has for the hosted model. */
final class TokenizeHandler implements Handler {
    private static final int MAX_CHARACTERS = 1 << 20;

    private final HostedModel model;
    private final int maxBodyBytes;

    TokenizeHandler(HostedModel model, int maxBodyBytes) {
        this.model = model;
        this.maxBodyBytes = maxBodyBytes;
    }

    @Override
    public void handle(Context ctx) throws ApiException, IOException {
        Fields fields = new Fields(RequestBody.read(ctx.req(), maxBodyBytes));
        String content = fields.string("content")
                .orElseThrow(() -> fields.refused("content", "is needed: a string"));
        if (content.length() > MAX_CHARACTERS) {
            throw fields.refused("content", "must have at most " + MAX_CHARACTERS + " characters");
        }
        boolean parseSpecial = fields.node("parse_special").isEmpty() || fields.flag("parse_special");
        boolean addSpecial = fields.flag("add_special");
        ObjectNode body = Json.object();
        ArrayNode tokens = body.putArray("tokens");
        try {
            model.tokenize(List.of(new TextPart(content, parseSpecial)), addSpecial).forEach(tokens::add);
        } catch (ModelUnavailableException unavailable) {
            throw ApiException.of(unavailable);
        }
        Responses.json(ctx, 200, body);
    }
}

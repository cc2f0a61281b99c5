package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.HostedModels;

/**
 * Hands a request to the handler of the model that it names. That handler reads the model's own name, whatever alias was asked for. A
 * request that names none is answered where there is no choice.
 */
final class ByModel implements Handler {
    /** Names the model that answers. */
    static final String HEADER = "X-Barnraiser-Model";
    private static final String FIELD = "model";

    private final HostedModels models;
    private final int maxBodyBytes;
    private final IdentityHashMap<HostedModel, Handler> handlers = new IdentityHashMap<>();

    /** @param handler makes a model's own */
    ByModel(HostedModels models, List<ModelDesk> desks, int maxBodyBytes, Function<ModelDesk, Handler> handler) {
        this.models = models;
        this.maxBodyBytes = maxBodyBytes;
        desks.forEach(desk -> handlers.put(desk.model(), handler.apply(desk)));
    }

    @Override
    public void handle(Context ctx) throws Exception {
        ObjectNode body = RequestBody.read(ctx.req(), maxBodyBytes);
        HostedModel model = model(body);
        ctx.header(HEADER, digest(model));
        Handler handler = handlers.get(model);
        if (handler == null) {
            throw new IllegalStateException("a hosted model has no handler");
        }
        handler.handle(ctx);
    }

    private HostedModel model(ObjectNode body) throws ApiException {
        Optional<String> name = new Fields(body).string(FIELD);
        if (name.isEmpty()) {
            if (!models.isOne()) {
                throw ApiException.invalid(FIELD, "'model' is needed: there is " + models.names() + ".");
            }
            return models.first();
        }
        HostedModels.Asked asked = models.find(name.get())
                .orElseThrow(() -> new ApiException(ApiError.modelNotFound(name.get(), models.names())));
        body.put(FIELD, asked.name());
        return asked.model();
    }

    static String digest(HostedModel model) {
        return "sha256:" + model.description().digest();
    }
}

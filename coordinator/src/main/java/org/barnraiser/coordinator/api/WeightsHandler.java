package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.function.Supplier;
import org.barnraiser.coordinator.model.WeightsCheck;
import org.barnraiser.coordinator.model.WeightsCheck.State;

/** {@code POST /api/weights/verify} begins to read the model again on all workers, {@code GET} says how far that is. For admins. */
final class WeightsHandler {
    private static final String PATH = "/api/weights/verify";

    private final Supplier<WeightsCheck> check;

    WeightsHandler(Supplier<WeightsCheck> check) {
        this.check = check;
    }

    void register(RoutesConfig routes) {
        routes.post(PATH, ctx -> answer(ctx, true));
        routes.get(PATH, ctx -> answer(ctx, false));
    }

    private void answer(Context ctx, boolean begin) {
        State state = begin ? check.get().begin() : check.get().state();
        ObjectNode body = Json.object().put("running", state.running()).put("digest", state.modelDigest())
                .put("doneBytes", state.doneBytes()).put("totalBytes", state.totalBytes());
        state.workers().forEach(body.putArray("workers")::add);
        var damages = body.putArray("damages");
        state.damages().forEach(damage -> damages.addObject().put("worker", damage.worker())
                .put("tensor", damage.tensor()).put("repaired", damage.repaired()));
        state.failures().forEach(body.putArray("failures")::add);
        Responses.json(ctx, 200, body);
    }
}

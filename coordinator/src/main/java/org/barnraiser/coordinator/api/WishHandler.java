package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import org.barnraiser.coordinator.model.WorkerWishes;
import org.barnraiser.coordinator.model.WorkerWishes.Outcome;
import org.barnraiser.proto.Wish;

/**
 * {@code POST /api/workers/ID/wish {"wish":"leave|reclaim|lend"}}, for admins; without any key, for programs on this machine.
 */
final class WishHandler {
    private static final int MAX_BODY_BYTES = 1 << 10;

    private final WorkerWishes wishes;

    WishHandler(WorkerWishes wishes) {
        this.wishes = wishes;
    }

    void register(RoutesConfig routes) {
        routes.post("/api/workers/{id}/wish", this::tell);
    }

    private void tell(Context ctx) throws ApiException, IOException {
        String word = RequestBody.read(ctx.req(), MAX_BODY_BYTES).path("wish").asText();
        Wish wish = wish(word);
        String worker = ctx.pathParam("id");
        switch (wishes.tell(worker, wish)) {
            case Outcome.Told() -> {
                ObjectNode body = Json.object().put("worker", worker).put("wish", word);
                Responses.json(ctx, 200, body);
            }
            case Outcome.Unknown() -> throw refused(404, "worker_not_found", "No such worker is registered here.");
            case Outcome.NotTold(String reason) -> throw refused(503, "worker_not_told", reason);
        }
    }

    private static Wish wish(String word) throws ApiException {
        return switch (word) {
            case "lend" -> Wish.WISH_LEND;
            case "leave" -> Wish.WISH_LEAVE;
            case "reclaim" -> Wish.WISH_RECLAIM;
            default -> throw ApiException.invalid("wish", "'wish' must be \"lend\", \"leave\" or \"reclaim\".");
        };
    }

    private static ApiException refused(int status, String code, String message) {
        return new ApiException(new ApiError(status, "invalid_request_error", code, null, message, 0));
    }
}

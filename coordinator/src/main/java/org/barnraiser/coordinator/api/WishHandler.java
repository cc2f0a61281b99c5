package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import org.barnraiser.coordinator.model.WorkerRemoval;
import org.barnraiser.coordinator.model.WorkerWishes;
import org.barnraiser.coordinator.model.WorkerWishes.Outcome;
import org.barnraiser.proto.Wish;

/**
 * {@code POST /api/workers/ID/wish {"wish":"leave|reclaim|lend"}} and {@code POST /api/workers/ID/remove}, for admins; without any key, for
 * programs on this machine.
 */
final class WishHandler {
    private static final int MAX_BODY_BYTES = 1 << 10;

    private final WorkerWishes wishes;
    private final WorkerRemoval removal;

    WishHandler(WorkerWishes wishes, WorkerRemoval removal) {
        this.wishes = wishes;
        this.removal = removal;
    }

    void register(RoutesConfig routes) {
        routes.post("/api/workers/{id}/wish", this::tell);
        routes.post("/api/workers/{id}/remove", this::remove);
    }

    private void tell(Context ctx) throws ApiException, IOException {
        String word = RequestBody.read(ctx.req(), MAX_BODY_BYTES).path("wish").asText();
        Wish wish = wish(word);
        String worker = ctx.pathParam("id");
        ObjectNode body = Json.object().put("worker", worker).put("wish", word);
        answer(ctx, wishes.tell(worker, wish), body, "No such worker is registered here.");
    }

    private void remove(Context ctx) throws ApiException {
        String worker = ctx.pathParam("id");
        answer(ctx, removal.remove(worker), Json.object().put("worker", worker).put("removed", true),
                "No such worker has a certificate that was signed here.");
    }

    private static void answer(Context ctx, Outcome outcome, ObjectNode done, String unknown) throws ApiException {
        switch (outcome) {
            case Outcome.Told() -> Responses.json(ctx, 200, done);
            case Outcome.Unknown() -> throw refused(404, "worker_not_found", unknown);
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

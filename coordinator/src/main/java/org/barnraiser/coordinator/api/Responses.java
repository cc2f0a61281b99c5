package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;

/** Writes responses, and remembers the status that counts. */
final class Responses {
    /** What nginx counts a request as whose client closed the connection; never sent. */
    static final int CLIENT_GONE = 499;
    private static final String FAILURE_STATUS = "barnraiser.failureStatus";

    private Responses() {}

    static void json(Context ctx, int status, JsonNode body) {
        ctx.status(status).contentType("application/json; charset=utf-8").result(Json.bytes(body));
    }

    static void error(Context ctx, ApiError error) {
        if (error.retryAfterSeconds() > 0) {
            ctx.header("Retry-After", Integer.toString(error.retryAfterSeconds()));
        }
        error.headers().forEach(ctx::header);
        json(ctx, error.status(), ErrorForm.at(ctx.path()).of(error));
    }

    /** Notes that a request failed after its status was sent. */
    static void noteFailure(Context ctx, int status) {
        ctx.attribute(FAILURE_STATUS, status);
    }

    /** The status that a request counts as. */
    static int countedStatus(Context ctx) {
        Integer failure = ctx.attribute(FAILURE_STATUS);
        return failure == null ? ctx.statusCode() : failure;
    }
}

package org.barnraiser.coordinator.api;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.barnraiser.coordinator.account.AccountException;
import org.barnraiser.coordinator.account.RefusedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where exceptions become responses. */
final class ErrorResponses {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorResponses.class);
    private static final int LOGGED_FRAMES = 12;

    private ErrorResponses() {}

    static void register(RoutesConfig routes) {
        routes.exception(ApiException.class, (failed, ctx) -> Responses.error(ctx, failed.error()));
        routes.exception(RefusedException.class,
                (refused, ctx) -> Responses.error(ctx, ApiError.of(refused.refusal())));
        routes.exception(AccountException.class, (away, ctx) -> Responses.error(ctx,
                ApiError.accountsAway(String.valueOf(away.getMessage()))));
        routes.exception(ClientGoneException.class, (_, ctx) -> noteGone(ctx));
        routes.exception(HttpResponseException.class, ErrorResponses::unrouted);
        routes.exception(IOException.class, (_, ctx) -> noteGone(ctx));
        routes.exception(Exception.class, ErrorResponses::internal);
    }

    /** Reading from or writing to the client failed, so nobody hears an answer. */
    private static void noteGone(Context ctx) {
        Responses.noteFailure(ctx, Responses.CLIENT_GONE);
        ClientConnection.abort(ctx.req());
    }

    /** What Javalin itself refuses. */
    private static void unrouted(HttpResponseException refused, Context ctx) {
        Responses.error(ctx, switch (refused.getStatus()) {
            case 404 -> ApiError.pathNotFound();
            case 405 -> {
                ctx.header("Allow", refused.getDetails().getOrDefault("availableMethods", ""));
                yield ApiError.methodNotAllowed();
            }
            default -> ApiError.invalid(null, "The request cannot be answered: status " + refused.getStatus() + ".");
        });
    }

    /** A mistake of our own. Its message may hold a reader's text, so the log only says where it was made. */
    private static void internal(Exception failed, Context ctx) {
        LOG.error("A {} request failed: {} at {}", ctx.method(), failed.getClass().getName(),
                Arrays.stream(failed.getStackTrace()).limit(LOGGED_FRAMES).map(StackTraceElement::toString)
                        .collect(Collectors.joining(" < ")));
        if (ctx.res().isCommitted()) {
            // An end that looks like a whole answer would be a lie.
            Responses.noteFailure(ctx, 500);
            ClientConnection.abort(ctx.req());
        } else {
            Responses.error(ctx, ApiError.internal());
        }
    }
}

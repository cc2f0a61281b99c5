package org.barnraiser.coordinator.api;

import com.google.common.net.HostAndPort;
import com.google.common.net.HttpHeaders;
import com.google.common.net.InetAddresses;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.router.Endpoint;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.barnraiser.coordinator.account.Caller;
import org.barnraiser.coordinator.account.Doorkeeper;
import org.barnraiser.coordinator.account.KeySecret;
import org.barnraiser.coordinator.account.RefusedException;
import org.barnraiser.coordinator.account.Role;
import org.barnraiser.coordinator.account.Visit;
import org.jspecify.annotations.Nullable;

/** Stands before every route: nothing is read of a request's body before its caller may use that route. */
final class Gate {
    private static final String CALLER = "barnraiser.caller";
    private static final String BEARER = "Bearer ";
    private static final List<String> PROXY_HEADERS = List.of("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via");

    private final Supplier<Doorkeeper> doorkeeper;

    /** @param doorkeeper asked at every request */
    Gate(Supplier<Doorkeeper> doorkeeper) {
        this.doorkeeper = doorkeeper;
    }

    void register(RoutesConfig routes) {
        routes.beforeMatched(this::check);
    }

    /** Who asks, on a route that is not for anybody. */
    static Caller caller(Context ctx) {
        return Objects.requireNonNull(ctx.attribute(CALLER), "this route lets anybody in");
    }

    private void check(Context ctx) throws ApiException {
        Endpoint route = ctx.endpoints().matchedHttpEndpoint();
        Optional<Role> needed = RouteRights.of(route == null ? "" : HttpServer.route(route));
        if (needed.isEmpty()) {
            return;
        }
        Caller caller;
        try {
            caller = doorkeeper.get().letIn(visit(ctx));
        } catch (RefusedException refused) {
            ctx.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
            throw new ApiException(ApiError.of(refused.refusal()));
        }
        if (!caller.role().covers(needed.get())) {
            throw new ApiException(ApiError.forbidden(caller.role().word(), needed.get().word()));
        }
        ctx.attribute(CALLER, caller);
    }

    private static Visit visit(Context ctx) {
        return new Visit(secret(ctx), from(ctx));
    }

    /** As OpenAI's clients send it, or as Anthropic's do. */
    private static Optional<KeySecret> secret(Context ctx) {
        String authorization = ctx.header(HttpHeaders.AUTHORIZATION);
        String sent = authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? authorization.substring(BEARER.length())
                : ctx.header("x-api-key");
        return Optional.ofNullable(sent).map(String::strip).filter(text -> !text.isEmpty()).map(KeySecret::of);
    }

    private static Visit.From from(Context ctx) {
        boolean here = InetAddresses.isInetAddress(ctx.req().getRemoteAddr())
                && InetAddresses.forString(ctx.req().getRemoteAddr()).isLoopbackAddress()
                && PROXY_HEADERS.stream().allMatch(header -> ctx.header(header) == null);
        String host = ctx.header(HttpHeaders.HOST);
        // Another name that leads here may be a page's trick to make a browser speak to this machine.
        if (!here || !isThisMachine(host)) {
            return Visit.From.ELSEWHERE;
        }
        String origin = ctx.header(HttpHeaders.ORIGIN);
        if (origin == null) {
            return isForeign(ctx.header("Sec-Fetch-Site")) ? Visit.From.FOREIGN_PAGE_HERE : Visit.From.PROGRAM_HERE;
        }
        return origin.equals("http://" + host) ? Visit.From.PAGE_HERE : Visit.From.FOREIGN_PAGE_HERE;
    }

    private static boolean isForeign(@Nullable String site) {
        return site != null && (site.equals("cross-site") || site.equals("same-site"));
    }

    private static boolean isThisMachine(@Nullable String host) {
        try {
            String name = HostAndPort.fromString(host == null ? "localhost" : host).getHost();
            return name.equals("localhost")
                    || (InetAddresses.isInetAddress(name) && isLoopback(InetAddresses.forString(name)));
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static boolean isLoopback(InetAddress address) {
        return address.isLoopbackAddress();
    }
}

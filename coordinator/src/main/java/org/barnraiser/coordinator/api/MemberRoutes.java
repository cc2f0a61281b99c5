package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableSet;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.barnraiser.coordinator.account.AccountException;
import org.barnraiser.coordinator.account.Caller;
import org.barnraiser.coordinator.account.Contribution;
import org.barnraiser.coordinator.account.ContributionLedger;
import org.barnraiser.coordinator.account.IssuedKey;
import org.barnraiser.coordinator.account.KeyLimits;
import org.barnraiser.coordinator.account.LedgerText;
import org.barnraiser.coordinator.account.MemberKey;
import org.barnraiser.coordinator.account.Members;
import org.barnraiser.coordinator.account.NewKey;
import org.barnraiser.coordinator.account.Role;
import org.barnraiser.coordinator.account.Usage;

/** {@code /api/keys…}, for admins, and {@code /api/me}: keys and what they used. */
final class MemberRoutes {
    private static final int MAX_BODY_BYTES = 64 << 10;
    private static final int USAGE_DAYS = 31;

    private final Supplier<Members> members;

    MemberRoutes(Supplier<Members> members) {
        this.members = members;
    }

    void register(RoutesConfig routes) {
        routes.get("/api/me", this::me);
        routes.get("/api/keys", this::list);
        routes.post("/api/keys", this::create);
        routes.patch("/api/keys/{id}", this::limit);
        routes.delete("/api/keys/{id}", this::revoke);
        routes.post("/api/keys/{id}/rotate", this::rotate);
        routes.get("/api/usage", this::usage);
        routes.get("/api/ledger", this::ledger);
    }

    private void me(Context ctx) {
        Caller caller = Gate.caller(ctx);
        ObjectNode body = Json.object().put("role", caller.role().word());
        caller.key().ifPresentOrElse(key -> body.put("name", key.name()), () -> body.putNull("name"));
        Responses.json(ctx, 200, body);
    }

    private void list(Context ctx) throws ApiException, AccountException {
        ObjectNode body = Json.object();
        ArrayNode list = body.putArray("keys");
        for (MemberKey key : register().keys().list()) {
            list.add(json(key));
        }
        Responses.json(ctx, 200, body);
    }

    private void create(Context ctx) throws ApiException, IOException, AccountException {
        ObjectNode wanted = RequestBody.read(ctx.req(), MAX_BODY_BYTES);
        Members.Register register = register();
        IssuedKey issued = invalidWhenRefused(() -> register.keys()
                .create(new NewKey(wanted.path("name").asText(), Role.of(wanted.path("role").asText("member")),
                        validity(wanted), limits(wanted))));
        register.ring().refresh();
        Responses.json(ctx, 201, withSecret(issued));
    }

    private void limit(Context ctx) throws ApiException, IOException, AccountException {
        ObjectNode wanted = RequestBody.read(ctx.req(), MAX_BODY_BYTES);
        MemberKey key = known(ctx);
        MemberKey changed = invalidWhenRefused(() -> register().keys().limit(key.id(), limits(wanted)));
        register().ring().refresh();
        Responses.json(ctx, 200, json(changed));
    }

    private void revoke(Context ctx) throws ApiException, AccountException {
        MemberKey revoked = register().keys().revoke(known(ctx).id());
        register().ring().refresh();
        Responses.json(ctx, 200, json(revoked));
    }

    private void rotate(Context ctx) throws ApiException, AccountException {
        MemberKey key = known(ctx);
        IssuedKey issued = invalidWhenRefused(() -> register().keys().rotate(key.id()));
        register().ring().refresh();
        Responses.json(ctx, 200, withSecret(issued));
    }

    private void usage(Context ctx) throws ApiException, AccountException {
        ObjectNode body = Json.object();
        ArrayNode days = body.putArray("usage");
        for (Usage day : register().usage().since(LocalDate.now(ZoneOffset.UTC).minusDays(USAGE_DAYS))) {
            days.addObject().put("key", day.keyId()).put("day", day.day().toString()).put("requests", day.requests())
                    .put("promptTokens", day.promptTokens()).put("completionTokens", day.completionTokens());
        }
        Responses.json(ctx, 200, body);
    }

    /** A year's sums for each machine; every entry as a table with {@code ?format=csv}. */
    private void ledger(Context ctx) throws ApiException, AccountException {
        String asked = Objects.requireNonNullElse(ctx.queryParam("year"),
                Integer.toString(LocalDate.now(ZoneOffset.UTC).getYear()));
        if (!asked.matches("[1-9]\\d{3}")) {
            throw ApiException.invalid("year", "'year' must be a year of four digits.");
        }
        LocalDate first = LocalDate.of(Integer.parseInt(asked), 1, 1);
        List<Contribution> entries = register().ledger().between(first, first.plusYears(1));
        if ("csv".equals(ctx.queryParam("format"))) {
            ctx.contentType("text/csv; charset=utf-8").result(LedgerText.csv(entries));
            return;
        }
        ObjectNode body = Json.object().put("year", first.getYear());
        ArrayNode machines = body.putArray("machines");
        for (Contribution machine : ContributionLedger.byMachine(entries)) {
            machines.addObject().put("machine", machine.machine()).put("owner", machine.owner())
                    .put("readySeconds", machine.readySeconds()).put("layerTokens", machine.layerTokens())
                    .put("weightBytes", machine.weightBytes());
        }
        Responses.json(ctx, 200, body);
    }

    private Members.Register register() throws ApiException {
        return members.get().register().orElseThrow(() -> new ApiException(
                new ApiError(404, "invalid_request_error", "no_members", null, "This service keeps no members.", 0)));
    }

    private MemberKey known(Context ctx) throws ApiException, AccountException {
        String id = ctx.pathParam("id");
        return register().keys().list().stream().filter(key -> key.id().equals(id)).findFirst()
                .orElseThrow(() -> new ApiException(
                        new ApiError(404, "invalid_request_error", "key_not_found", null, "There is no such key.", 0)));
    }

    /** What may be refused because of what was asked for. */
    private interface Refusable<T> {
        T run() throws AccountException, ApiException;
    }

    private static <T> T invalidWhenRefused(Refusable<T> change) throws ApiException, AccountException {
        try {
            return change.run();
        } catch (AccountException refused) {
            if (refused.getCause() != null) {
                throw refused;
            }
            throw ApiException.invalid(null, String.valueOf(refused.getMessage()));
        }
    }

    private static Optional<Duration> validity(JsonNode wanted) throws ApiException {
        OptionalLong days = number(wanted, "expiresInDays");
        return days.isPresent()
                ? Optional.of(Duration.ofDays(Math.min(days.getAsLong(), 1_000_000)))
                : Optional.empty();
    }

    private static KeyLimits limits(JsonNode wanted) throws ApiException {
        ImmutableSet.Builder<String> models = ImmutableSet.builder();
        wanted.path("models").forEach(model -> models.add(model.asText()));
        return new KeyLimits(models.build(), number(wanted, "requestsPerMinute"), number(wanted, "tokensPerMinute"),
                number(wanted, "tokensPerDay"), number(wanted, "concurrentRequests"),
                (int) Math.min(number(wanted, "weight").orElse(1), Integer.MAX_VALUE));
    }

    private static OptionalLong number(JsonNode wanted, String field) throws ApiException {
        JsonNode node = wanted.path(field);
        if (node.isMissingNode() || node.isNull()) {
            return OptionalLong.empty();
        }
        if (!node.canConvertToLong() || !node.isIntegralNumber() || node.longValue() < 1) {
            throw ApiException.invalid(field, "'" + field + "' must be a whole number of at least 1.");
        }
        return OptionalLong.of(node.longValue());
    }

    private static ObjectNode withSecret(IssuedKey issued) {
        return json(issued.key()).put("key", issued.secret().reveal());
    }

    private static ObjectNode json(MemberKey key) {
        ObjectNode body = Json.object().put("id", key.id()).put("name", key.name()).put("role", key.role().word())
                .put("prefix", key.prefix()).put("state", key.state(Instant.now()))
                .put("created", key.created().toString())
                .put("expires", key.expires().map(Instant::toString).orElse(null));
        KeyLimits limits = key.limits();
        limits.models().forEach(body.putArray("models")::add);
        put(body, "requestsPerMinute", limits.requestsPerMinute());
        put(body, "tokensPerMinute", limits.tokensPerMinute());
        put(body, "tokensPerDay", limits.tokensPerDay());
        put(body, "concurrentRequests", limits.concurrentRequests());
        return body.put("weight", limits.weight());
    }

    private static void put(ObjectNode body, String field, OptionalLong limit) {
        limit.ifPresentOrElse(number -> body.put(field, number), () -> body.putNull(field));
    }
}

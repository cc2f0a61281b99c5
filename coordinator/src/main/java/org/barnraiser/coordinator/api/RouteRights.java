package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.coordinator.account.Role;
import org.barnraiser.coordinator.api.contract.Contracts;
import org.barnraiser.coordinator.api.contract.OpenApiDocument;

/** Which role each route takes. A route that is not named here takes an admin, so that a forgotten one is shut. */
final class RouteRights {
    /** What anybody may see: whether the service lives, and pages, which show nothing without the rest. */
    private static final Optional<Role> ANYBODY = Optional.empty();
    private static final Optional<Role> GUEST = Optional.of(Role.GUEST);
    private static final Optional<Role> MEMBER = Optional.of(Role.MEMBER);
    private static final Optional<Role> ADMIN = Optional.of(Role.ADMIN);

    /** For anybody, and yet for programs. */
    private static final Set<String> NO_PAGES = Set.of("GET /healthz", "GET /readyz", "GET /openapi.json");

    /** By method and path, as they are registered. */
    static final ImmutableMap<String, Optional<Role>> ALL = ImmutableMap.<String, Optional<Role>>builder()
            .put("GET /healthz", ANYBODY)
            .put("GET /readyz", ANYBODY)
            .put("GET /", ANYBODY)
            .put("GET /cluster", ANYBODY)
            .put("GET /fit", ANYBODY)
            .put("GET /lend", ANYBODY)
            .put("GET /questions", ANYBODY)
            .put("GET /members", ANYBODY)
            .put("GET /openapi.json", ANYBODY)
            .put("GET /assets/branding.css", ANYBODY)
            .put("GET /assets/<file>", ANYBODY)
            .put("GET /lib/<file>", ANYBODY)
            .put("GET /api/branding", ANYBODY)
            .put("GET /api/settings", ANYBODY)
            .put("GET /api/me", GUEST)
            .put("GET /v1/models", GUEST)
            .put("GET /v1/models/<id>", GUEST)
            .put("POST /v1/completions", GUEST)
            .put("POST /v1/chat/completions", GUEST)
            .put("POST /v1/embeddings", GUEST)
            .put("POST /v1/messages", GUEST)
            .put("POST /v1/messages/count_tokens", GUEST)
            .put("POST /v1/responses", GUEST)
            .put("POST /v1/tokenize", GUEST)
            .put("POST /v1/detokenize", GUEST)
            .put("POST /api/attachments/text", GUEST)
            .put("GET /api/cluster", MEMBER)
            .put("GET /api/cluster/stream", MEMBER)
            .put("GET /api/cluster/history", MEMBER)
            .put("GET /api/lend", MEMBER)
            .put("POST /api/plan", MEMBER)
            .put("GET /api/ledger", MEMBER)
            .put("GET /metrics", MEMBER)
            .put("POST /api/workers/{id}/wish", ADMIN)
            .put("POST /api/workers/{id}/remove", ADMIN)
            .put("GET /api/weights/verify", ADMIN)
            .put("POST /api/weights/verify", ADMIN)
            .put("GET /api/keys", ADMIN)
            .put("POST /api/keys", ADMIN)
            .put("PATCH /api/keys/{id}", ADMIN)
            .put("DELETE /api/keys/{id}", ADMIN)
            .put("POST /api/keys/{id}/rotate", ADMIN)
            .put("GET /api/usage", ADMIN)
            .buildOrThrow();

    private RouteRights() {}

    /** The OpenAPI document: all routes but those of pages. */
    static ObjectNode openApi() {
        Map<String, Optional<String>> roles = new HashMap<>();
        ALL.forEach((route, role) -> {
            if (role.isPresent() || NO_PAGES.contains(route)) {
                roles.put(route, role.map(Role::word));
            }
        });
        return OpenApiDocument.of(roles, Contracts.ALL);
    }

    /** The role that a route takes; empty for none. */
    static Optional<Role> of(String route) {
        return ALL.getOrDefault(route, ADMIN);
    }
}

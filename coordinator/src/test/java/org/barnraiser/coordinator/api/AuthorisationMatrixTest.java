package org.barnraiser.coordinator.api;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.barnraiser.coordinator.account.AccountException;
import org.barnraiser.coordinator.account.IssuedKey;
import org.barnraiser.coordinator.account.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Every route that the server has, with every kind of caller. */
class AuthorisationMatrixTest {
    /** How the gate refuses; a handler's own refusal is an answer. */
    private static final List<String> REFUSALS = List.of("missing_api_key", "invalid_api_key", "role_not_allowed",
            "this_machine_only", "foreign_page");

    /** Somebody who asks. */
    private record Visitor(Map<String, String> headers, Optional<Role> role) {
        static Visitor with(Role role, String... headers) {
            return new Visitor(headers(headers), Optional.of(role));
        }

        /** Who may see only what anybody may. */
        static Visitor refused(String... headers) {
            return new Visitor(headers(headers), Optional.empty());
        }

        private static Map<String, String> headers(String... headers) {
            Map<String, String> all = new LinkedHashMap<>();
            for (int i = 0; i < headers.length; i += 2) {
                all.put(headers[i], headers[i + 1]);
            }
            return all;
        }
    }

    @Test
    void every_route_is_named_and_no_other() {
        try (ApiTestServer server = new ApiTestServer()) {
            assertThat(new TreeSet<>(server.server.routes()))
                    .as("a new route needs a line in RouteRights, and this test then checks it")
                    .isEqualTo(new TreeSet<>(RouteRights.ALL.keySet()));
        }
    }

    @Test
    void with_keys_each_role_may_what_it_may_and_other_keys_nothing(@TempDir Path folder) throws Exception {
        try (TestMembers members = new TestMembers(folder, Optional.empty());
                ApiTestServer server = new ApiTestServer(members.members)) {
            IssuedKey revoked = members.key(Role.ADMIN);
            IssuedKey rotated = members.key(Role.ADMIN);
            IssuedKey expired = members.expired();
            var _ = members.keys().revoke(revoked.key().id());
            var _ = members.keys().rotate(rotated.key().id());
            List<Visitor> visitors = new ArrayList<>(List.of(Visitor.refused(),
                    Visitor.refused("X-Forwarded-For", "8.8.8.8"),
                    bearer("none"), bearer(expired), bearer(revoked), bearer(rotated), bearer("barn_" + "A".repeat(43)),
                    bearer(revoked.key().prefix()), bearer("x".repeat(5_000)),
                    Visitor.refused("Authorization", "Basic YTpi"),
                    Visitor.refused("Origin", "http://evil.example")));
            for (Role role : Role.values()) {
                String key = members.key(role).secret().reveal();
                visitors.add(Visitor.with(role, "Authorization", "Bearer " + key));
                visitors.add(Visitor.with(role, "Authorization", "bearer  " + key, "X-Forwarded-For", "8.8.8.8"));
                visitors.add(Visitor.with(role, "x-api-key", key));
            }
            check(server, visitors);
        }
    }

    @Test
    void without_keys_this_machine_is_served_and_others_are_told_why_not(@TempDir Path folder) throws Exception {
        try (TestMembers members = new TestMembers(folder, Optional.empty());
                ApiTestServer server = new ApiTestServer(members.members)) {
            check(server, List.of(Visitor.with(Role.ADMIN), Visitor.with(Role.ADMIN, "Authorization", "Bearer none"),
                    Visitor.with(Role.MEMBER, "Origin", "http://127.0.0.1:" + server.server.port()),
                    Visitor.refused("Origin", "http://evil.example"), Visitor.refused("Origin", "null"),
                    Visitor.refused("Sec-Fetch-Site", "cross-site"), Visitor.refused("X-Forwarded-For", "10.0.0.7"),
                    Visitor.refused("Forwarded", "for=10.0.0.7"), Visitor.refused("Via", "1.1 proxy")));
            HttpResponse<String> refused = server.send(HttpRequest.newBuilder(server.uri("/v1/models"))
                    .header("X-Forwarded-For", "10.0.0.7").build());
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.body()).contains("only programs on this very machine are served", "barn key create");
        }
    }

    @Test
    void open_means_members_and_guests_means_guests(@TempDir Path folder) throws Exception {
        for (Role role : List.of(Role.MEMBER, Role.GUEST)) {
            try (TestMembers members = new TestMembers(folder.resolve(role.word()), Optional.of(role));
                    ApiTestServer server = new ApiTestServer(members.members)) {
                check(server, List.of(Visitor.with(role, "X-Forwarded-For", "10.0.0.7")));
                String admin = members.key(Role.ADMIN).secret().reveal();
                check(server,
                        List.of(Visitor.with(role), Visitor.with(role, "X-Forwarded-For", "10.0.0.7"), bearer("wrong"),
                                Visitor.with(Role.ADMIN, "Authorization", "Bearer " + admin)));
            }
        }
    }

    private static Visitor bearer(IssuedKey key) {
        return bearer(key.secret().reveal());
    }

    private static Visitor bearer(String key) {
        return Visitor.refused("Authorization", "Bearer " + key);
    }

    private static void check(ApiTestServer server, List<Visitor> visitors)
            throws IOException, InterruptedException, AccountException {
        List<String> wrong = new ArrayList<>();
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (String route : new TreeSet<>(server.server.routes())) {
                Optional<Role> needed = RouteRights.of(route);
                for (Visitor visitor : visitors) {
                    boolean expected = needed.isEmpty()
                            || visitor.role().filter(role -> role.covers(needed.get())).isPresent();
                    String said = ask(client, server, route, visitor);
                    if (expected == REFUSALS.stream().anyMatch(said::contains)) {
                        wrong.add(route + " by " + visitor + ": " + said);
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    /** The status and, of a refusal, the body. */
    private static String ask(HttpClient client, ApiTestServer server, String route, Visitor visitor)
            throws IOException, InterruptedException {
        String method = route.substring(0, route.indexOf(' '));
        String path = route.substring(route.indexOf(' ') + 1).replaceAll("[{<]\\w+[}>]", "unknown");
        HttpRequest.Builder request = HttpRequest.newBuilder(server.uri(path)).timeout(Duration.ofSeconds(60)).method(
                method,
                method.equals("GET") ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString("{}"));
        visitor.headers().forEach(request::setHeader);
        HttpResponse<InputStream> response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            int status = response.statusCode();
            return status + (status == 401 || status == 403
                    ? " " + new String(body.readAllBytes(), StandardCharsets.UTF_8)
                    : "");
        }
    }
}

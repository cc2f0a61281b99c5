package org.barnraiser.coordinator.api;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class WishHandlerTest {
    private final ApiTestServer server = new ApiTestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_program_of_this_machine_says_what_a_worker_is_to_do() {
        HttpResponse<String> answer = server.post("/api/workers/w1/wish", "{'wish':'leave'}");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"worker\":\"w1\",\"wish\":\"leave\"}");
        assertThat(server.post("/api/workers/w1/wish", "{'wish':'reclaim'}").statusCode()).isEqualTo(200);
        assertThat(server.wishes).containsExactly("w1 WISH_LEAVE", "w1 WISH_RECLAIM");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'wish':'go'}", "{'wish':7}", "[]", "nonsense"})
    void what_is_no_wish_is_refused(String body) {
        assertThat(server.post("/api/workers/w1/wish", body).statusCode()).isEqualTo(400);
        assertThat(server.wishes).isEmpty();
    }

    @Test
    void workers_that_are_unknown_or_out_of_reach_are_told_apart() {
        assertThat(server.post("/api/workers/w9/wish", "{'wish':'leave'}").statusCode()).isEqualTo(404);
        HttpResponse<String> unreached = server.post("/api/workers/w1/wish", "{'wish':'lend'}");
        assertThat(unreached.statusCode()).isEqualTo(503);
        assertThat(unreached.body()).contains("it sleeps");
    }

    @Test
    void a_worker_that_is_not_to_come_back_is_removed() {
        HttpResponse<String> answer = server.post("/api/workers/w1/remove", "");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"worker\":\"w1\",\"removed\":true}");
        HttpResponse<String> unknown = server.post("/api/workers/w9/remove", "");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).contains("No such worker has a certificate");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Origin", "Forwarded", "X-Forwarded-For"})
    void web_pages_and_proxies_are_not_heard(String header) {
        HttpResponse<String> refused = server.send(HttpRequest.newBuilder(server.uri("/api/workers/w1/wish"))
                .header(header, "http://evil.example").POST(HttpRequest.BodyPublishers.ofString("{\"wish\":\"leave\"}"))
                .build());
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(server.wishes).isEmpty();
    }
}

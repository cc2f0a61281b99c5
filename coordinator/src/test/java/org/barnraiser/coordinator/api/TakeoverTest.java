package org.barnraiser.coordinator.api;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.Readiness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.barnraiser.coordinator.api.ApiTestServer.CHAT;
import static org.barnraiser.coordinator.api.ApiTestServer.COMPLETIONS;
import static org.barnraiser.coordinator.api.ApiTestServer.json;

/** What readers see when machines leave and others take over. */
@Timeout(120)
class TakeoverTest {
    private static final String STREAMED = "{'prompt':'x','stream':true}";
    private static final Readiness TAKING_OVER = new Readiness.NotReady("Worker w2 is gone. A plan is being made.", 5,
            true);

    @Test
    void a_stream_that_is_paused_says_why_in_comments_and_goes_on() throws Exception {
        CountDownLatch paused = new CountDownLatch(1);
        try (ApiTestServer server = new ApiTestServer()) {
            server.model.script = speaker -> {
                speaker.say("half ").pause("Worker w2 is gone.\r\ndata: {\"fake\":1}\u2028A plan is being made.");
                paused.await();
                speaker.resume().say("whole");
                return new GenerationEnd.EndOfGeneration();
            };
            try (Socket socket = server.rawPost(COMPLETIONS, STREAMED)) {
                BufferedReader reader = new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                String line = reader.readLine();
                while (!line.startsWith(": paused")) {
                    assertThat(line).doesNotContain("fake");
                    line = reader.readLine();
                }
                assertThat(line)
                        .isEqualTo(": paused: Worker w2 is gone. data: {\"fake\":1} A plan is being made.");
                paused.countDown();
                StringBuilder rest = new StringBuilder();
                for (line = reader.readLine(); !line.equals("data: [DONE]"); line = reader.readLine()) {
                    rest.append(line).append('\n');
                }
                assertThat(rest).contains("whole").doesNotContain("\"error\"");
            }
        }
    }

    @Test
    void an_answer_in_one_piece_just_comes_later() {
        try (ApiTestServer server = new ApiTestServer()) {
            server.model.script = speaker -> {
                speaker.say("half ").pause("Worker w2 is gone.").resume().say("whole");
                return new GenerationEnd.EndOfGeneration();
            };
            assertThat(json(server.post(COMPLETIONS, "{'prompt':'x'}")).at("/choices/0/text").asText())
                    .isEqualTo("half whole");
        }
    }

    @Test
    void when_patience_ends_a_stream_ends_with_an_error_and_an_answer_in_one_piece_with_a_status() {
        String reason = "Layers 20–31 have no machine: 6.2 GB more needed. Nothing changed within 60 s; ask again later.";
        try (ApiTestServer server = new ApiTestServer()) {
            server.model.script = speaker -> {
                speaker.say("half").pause("Worker w2 is gone.");
                return new GenerationEnd.Failed(reason, true);
            };
            HttpResponse<String> streamed = server.post(COMPLETIONS, STREAMED);
            assertThat(json(ApiTestServer.events(streamed).getLast()).at("/error/message").asText()).isEqualTo(reason);
            HttpResponse<String> whole = server.post(COMPLETIONS, "{'prompt':'x'}");
            assertThat(whole.statusCode()).isEqualTo(503);
            assertThat(whole.headers().firstValue("Retry-After")).isPresent();
            assertThat(json(whole).at("/error/message").asText()).isEqualTo(reason);
        }
    }

    @Test
    void a_reader_who_leaves_while_paused_frees_the_place() throws Exception {
        try (ApiTestServer server = new ApiTestServer()) {
            server.model.script = speaker -> {
                speaker.say("half").pause("Worker w2 is gone.");
                speaker.cancelled.await();
                return new GenerationEnd.Cancelled();
            };
            Socket socket = server.rawPost(COMPLETIONS, "{'prompt':'x'}");
            await().until(() -> !server.model.started.isEmpty());
            socket.close();
            assertThat(server.model.started.getFirst().cancelled.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void a_request_that_comes_while_machines_take_over_waits_for_them() throws Exception {
        try (ApiTestServer server = new ApiTestServer()) {
            server.model.readiness = TAKING_OVER;
            CompletableFuture<HttpResponse<String>> completion = CompletableFuture
                    .supplyAsync(() -> server.post(COMPLETIONS, "{'prompt':'x'}"));
            CompletableFuture<HttpResponse<String>> chat = CompletableFuture
                    .supplyAsync(() -> server.post(CHAT, "{'messages':[{'role':'user','content':'a <b> c'}]}"));
            HttpResponse<String> ready = server.get("/readyz");
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body()).contains("Worker w2 is gone.");
            assertThat(completion).isNotDone();
            assertThat(server.model.tokenized).isEmpty();
            server.model.readiness = new Readiness.Ready();
            assertThat(completion.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            assertThat(chat.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_tail_that_has_just_left_is_waited_for_too() {
        try (ApiTestServer server = new ApiTestServer()) {
            server.model.deafTail.set(3);
            assertThat(server.post(COMPLETIONS, "{'prompt':'x'}").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_request_that_waits_hears_at_once_that_it_waits_in_vain() throws Exception {
        try (ApiTestServer server = new ApiTestServer()) {
            server.model.readiness = TAKING_OVER;
            CompletableFuture<HttpResponse<String>> response = CompletableFuture
                    .supplyAsync(() -> server.post(COMPLETIONS, STREAMED));
            assertThat(server.get("/readyz").statusCode()).isEqualTo(503);
            server.model.readiness = new Readiness.NotReady("Layers 20–31 have no machine: 6.2 GB more needed.", 60);
            assertThat(response.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
            assertThat(response.get().headers().firstValue("Retry-After")).hasValue("60");
            assertThat(json(response.get()).at("/error/message").asText()).contains("6.2 GB more needed");
        }
    }

    @Test
    void a_request_waits_no_longer_than_its_patience() {
        try (ApiTestServer server = new ApiTestServer(config -> config.withPatience(Duration.ofMillis(1)))) {
            server.model.readiness = TAKING_OVER;
            HttpResponse<String> response = server.post(COMPLETIONS, STREAMED);
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(json(response).at("/error/code").asText()).isEqualTo("model_not_ready");
            assertThat(server.model.started).isEmpty();
        }
    }

    @Test
    void a_reader_who_leaves_while_waiting_is_not_answered() throws Exception {
        try (ApiTestServer server = new ApiTestServer()) {
            server.model.readiness = TAKING_OVER;
            Socket socket = server.rawPost(COMPLETIONS, STREAMED);
            socket.close();
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(server.get("/metrics").body())
                    .contains("barnraiser_requests_total{path=\"/v1/completions\",status=\"499\",} 1.0"));
            server.model.readiness = new Readiness.Ready();
            assertThat(server.model.started).isEmpty();
        }
    }
}

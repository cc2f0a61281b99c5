package org.barnraiser.coordinator.api;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.barnraiser.coordinator.api.ApiTestServer.COMPLETIONS;

class DisconnectTest {
    private static final String WHOLE = "{'prompt':'x'}";
    private static final String STREAMED = "{'prompt':'x','stream':true}";

    @ParameterizedTest
    @ValueSource(strings = {WHOLE, STREAMED})
    void a_client_that_closes_during_prefill_frees_its_slot_without_any_heartbeat(String request) throws Exception {
        try (ApiTestServer server = withoutHeartbeat()) {
            server.model.script = DisconnectTest::untilCancelled;
            Socket socket = server.rawPost(COMPLETIONS, request);
            ScriptedModel.Speaker speaker = firstSpeaker(server);

            socket.close();

            assertThat(speaker.cancelled.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {WHOLE, STREAMED})
    void a_client_that_resets_the_connection_frees_its_slot_without_any_heartbeat(String request) throws Exception {
        try (ApiTestServer server = withoutHeartbeat()) {
            server.model.script = DisconnectTest::untilCancelled;
            Socket socket = server.rawPost(COMPLETIONS, request);
            ScriptedModel.Speaker speaker = firstSpeaker(server);

            socket.setSoLinger(true, 0);
            socket.close();

            assertThat(speaker.cancelled.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {WHOLE, STREAMED})
    void a_client_that_closes_in_the_middle_of_an_answer_frees_all_its_slots(String request) throws Exception {
        try (ApiTestServer server = withoutHeartbeat()) {
            server.model.script = speaker -> untilCancelled(speaker.say("some text"));
            Socket socket = server.rawPost(COMPLETIONS, request.replace("}", ",'n':3}"));
            await().until(() -> server.model.started.size() == 3);

            socket.close();

            for (ScriptedModel.Speaker speaker : server.model.started) {
                assertThat(speaker.cancelled.await(10, TimeUnit.SECONDS)).isTrue();
            }
            await().untilAsserted(() -> assertThat(server.get("/metrics").body())
                    .contains("barnraiser_sequences_running 0.0")
                    .contains("barnraiser_requests_total{path=\"/v1/completions\",status=\"499\",} 1.0"));
        }
    }

    @Test
    void a_stream_without_text_is_kept_alive_by_comments() throws Exception {
        CountDownLatch pinged = new CountDownLatch(1);
        try (ApiTestServer server = new ApiTestServer()) {
            server.model.script = speaker -> {
                pinged.await();
                speaker.say("late");
                return new GenerationEnd.EndOfGeneration();
            };
            try (Socket socket = server.rawPost(COMPLETIONS, STREAMED)) {
                BufferedReader reader = reader(socket);
                awaitLine(reader, ": ping");
                pinged.countDown();
                awaitLine(reader, "data: [DONE]");
            }
        }
    }

    @Test
    void a_connection_answers_one_request_after_another() throws Exception {
        try (ApiTestServer server = new ApiTestServer(); Socket socket = server.rawPost(COMPLETIONS, STREAMED)) {
            BufferedReader reader = reader(socket);
            for (int i = 0; i < 3; i++) {
                awaitLine(reader, "HTTP/1.1 200 OK");
                awaitLine(reader, "data: [DONE]");
                socket.getOutputStream().write(ApiTestServer.rawRequest(COMPLETIONS, STREAMED));
            }
            awaitLine(reader, "HTTP/1.1 200 OK");
        }
    }

    @Test
    void a_request_that_was_sent_early_is_answered_in_its_turn() throws Exception {
        CountDownLatch bothSent = new CountDownLatch(1);
        try (ApiTestServer server = new ApiTestServer()) {
            server.model.script = speaker -> {
                bothSent.await();
                speaker.say("one");
                return new GenerationEnd.EndOfGeneration();
            };
            try (Socket socket = server.rawPost(COMPLETIONS, STREAMED)) {
                BufferedReader reader = reader(socket);
                firstSpeaker(server);
                socket.getOutputStream().write(ApiTestServer.rawRequest(COMPLETIONS, STREAMED));
                awaitLine(reader, ": ping");
                bothSent.countDown();
                awaitLine(reader, "data: [DONE]");
                awaitLine(reader, "HTTP/1.1 200 OK");
                awaitLine(reader, "data: [DONE]");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {WHOLE, STREAMED})
    void an_answer_may_take_longer_than_a_connection_may_idle(String request) throws Exception {
        try (ApiTestServer server = new ApiTestServer(config -> config(config, Duration.ofHours(1),
                Duration.ofMillis(200), config.maxGenerationTime(), config.maxQueuedTokens()))) {
            server.model.script = speaker -> {
                boolean cancelled = speaker.cancelled.await(900, TimeUnit.MILLISECONDS);
                speaker.say(cancelled ? "cancelled" : "patient");
                return new GenerationEnd.EndOfGeneration();
            };

            assertThat(server.post(COMPLETIONS, request).body()).contains("patient");
        }
    }

    @Test
    void a_client_that_does_not_read_loses_its_slot_and_its_connection() throws Exception {
        try (ApiTestServer server = new ApiTestServer(config -> config(config, config.heartbeat(), Duration.ofHours(1),
                config.maxGenerationTime(), 8))) {
            String longText = "x".repeat(100_000);
            server.model.script = speaker -> {
                while (!speaker.isCancelled()) {
                    speaker.say(longText);
                }
                return new GenerationEnd.EndOfGeneration();
            };
            try (Socket socket = server.rawPost(COMPLETIONS, STREAMED)) {
                assertThat(firstSpeaker(server).cancelled.await(20, TimeUnit.SECONDS)).isTrue();
                await().untilAsserted(() -> assertThat(server.get("/metrics").body())
                        .contains("barnraiser_sequences_running 0.0"));
                assertThat(readToEnd(socket)).doesNotContain("[DONE]").doesNotContain("\"stop\"");
            }
        }
    }

    @Test
    void an_answer_that_takes_too_long_is_ended_with_an_error() {
        try (ApiTestServer server = new ApiTestServer(config -> config(config, config.heartbeat(), config.idleTimeout(),
                Duration.ofMillis(300), config.maxQueuedTokens()))) {
            server.model.script = DisconnectTest::untilCancelled;

            assertThat(server.post(COMPLETIONS, WHOLE).statusCode()).isEqualTo(504);
            assertThat(server.post(COMPLETIONS, STREAMED).body()).contains("\"code\":\"time_limit\"")
                    .doesNotContain("[DONE]");
            assertThat(server.model.started).allMatch(ScriptedModel.Speaker::isCancelled);
        }
    }

    private static GenerationEnd untilCancelled(ScriptedModel.Speaker speaker) throws InterruptedException {
        speaker.cancelled.await();
        return new GenerationEnd.Cancelled();
    }

    /** Here only the closed connection itself can be noticed. */
    private static ApiTestServer withoutHeartbeat() {
        return new ApiTestServer(config -> config(config, Duration.ofHours(1), config.idleTimeout(),
                config.maxGenerationTime(), config.maxQueuedTokens()));
    }

    private static HttpServerConfig config(HttpServerConfig from, Duration heartbeat, Duration idleTimeout,
            Duration maxGenerationTime, int maxQueuedTokens) {
        return new HttpServerConfig(from.host(), from.port(), from.maxBodyBytes(), from.maxMessages(), heartbeat,
                idleTimeout, maxGenerationTime, maxQueuedTokens, from.shutdownGrace(), from.patience());
    }

    private static ScriptedModel.Speaker firstSpeaker(ApiTestServer server) {
        await().until(() -> !server.model.started.isEmpty());
        return server.model.started.getFirst();
    }

    private static BufferedReader reader(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Whatever comes until the connection ends, in whichever way. */
    private static String readToEnd(Socket socket) {
        StringBuilder text = new StringBuilder();
        try {
            BufferedReader reader = reader(socket);
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                text.append(line, 0, Math.min(100, line.length()));
            }
        } catch (SocketTimeoutException stillOpen) {
            throw new AssertionError(stillOpen);
        } catch (IOException reset) {
            text.append(reset.getMessage());
        }
        return text.toString();
    }

    private static void awaitLine(BufferedReader reader, String wanted) throws IOException {
        String line = reader.readLine();
        while (line != null && !line.equals(wanted)) {
            line = reader.readLine();
        }
        assertThat(line).isEqualTo(wanted);
    }
}

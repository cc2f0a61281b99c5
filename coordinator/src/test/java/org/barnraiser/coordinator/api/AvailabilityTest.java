package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.Readiness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.barnraiser.coordinator.api.ApiTestServer.COMPLETIONS;
import static org.barnraiser.coordinator.api.ApiTestServer.json;

/** All that tells whether the model answers tells the same. */
class AvailabilityTest {
    private final ApiTestServer server = new ApiTestServer(config -> new HttpServerConfig(config.host(), config.port(),
            config.maxBodyBytes(), config.maxMessages(), config.heartbeat(), config.idleTimeout(),
            config.maxGenerationTime(), config.maxQueuedTokens(), Duration.ofMinutes(2),
            Duration.ofSeconds(2)));

    @AfterEach
    void stop() {
        server.close();
    }

    static Stream<Readiness> everyReadiness() {
        return Stream.of(new Readiness.Ready(), new Readiness.NotReady("Waiting for workers: 1 of 2 are here.", 5),
                new Readiness.NotReady("Layers 20 to 31 have no machine.", 0),
                new Readiness.NotReady("Another machine takes over.", 1, true));
    }

    @Test
    void the_table_below_knows_every_kind_of_readiness() {
        assertThat(everyReadiness().map(Object::getClass).collect(toSet()))
                .isEqualTo(Set.of(Readiness.class.getPermittedSubclasses()));
    }

    @ParameterizedTest
    @MethodSource("everyReadiness")
    void every_page_agrees_with_the_model(Readiness readiness) {
        server.model.readiness = readiness;
        Told told = told();
        assertThat(told).isEqualTo(Told.everywhere(Availability.isReady(readiness), Availability.reason(readiness)));
        assertThat(server.post(COMPLETIONS, "{'prompt':'a'}").statusCode() == 200).isEqualTo(told.readyz());
    }

    @Test
    void a_server_that_stops_is_not_ready_from_that_moment_on_while_its_last_answer_is_finished() throws Exception {
        CountDownLatch mayEnd = new CountDownLatch(1);
        server.model.script = speaker -> {
            speaker.say("a");
            mayEnd.await(1, TimeUnit.MINUTES);
            return new GenerationEnd.EndOfGeneration();
        };
        Thread reader = Thread.startVirtualThread(() -> server.post(COMPLETIONS, "{'prompt':'a'}"));
        await().until(() -> server.get("/metrics").body().contains("barnraiser_sequences_running 1.0"));
        assertThat(told()).isEqualTo(Told.everywhere(true, ""));

        Thread closing = Thread.startVirtualThread(server.server::close);
        await().until(() -> server.get("/readyz").statusCode() == 503);
        assertThat(told()).isEqualTo(Told.everywhere(false, "This server is stopping."));
        assertThat(server.post(COMPLETIONS, "{'prompt':'a'}").statusCode()).isEqualTo(503);

        mayEnd.countDown();
        closing.join();
        reader.join();
    }

    private Told told() {
        HttpResponse<String> readyz = server.get("/readyz");
        JsonNode model = json(server.get("/v1/models")).path("data").path(0);
        JsonNode cluster = json(server.get("/api/cluster")).path("model");
        assertThat(json(server.get("/v1/models/" + ScriptedModel.NAME))).isEqualTo(model);
        return new Told(readyz.statusCode() == 200, model.path("ready").asBoolean(),
                cluster.path("ready").asBoolean(), server.get("/metrics").body().contains("barnraiser_ready 1.0"),
                List.of(readyz.statusCode() == 200 ? "" : readyz.body().strip(), model.path("reason").asText(),
                        cluster.path("reason").asText()));
    }

    /** What each place says, and the reasons that they give. */
    private record Told(boolean readyz, boolean models, boolean cluster, boolean metric, List<String> reasons) {
        static Told everywhere(boolean ready, String reason) {
            return new Told(ready, ready, ready, ready, List.of(reason, reason, reason));
        }
    }
}

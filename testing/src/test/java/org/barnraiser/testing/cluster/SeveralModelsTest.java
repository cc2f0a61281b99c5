package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.testing.bench.UnsplitModel;
import org.barnraiser.testing.models.Family;
import org.barnraiser.testing.models.ModelSize;
import org.barnraiser.testing.models.RandomModel;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Two models on the same two workers, behind two coordinators. */
class SeveralModelsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_TOKENS = 40;
    private static final String PROMPT = "<|im_start|>user\nWhat is Barnraiser?<|im_end|>\n<|im_start|>assistant\n";
    private static final String DEMO = "barnraiser-demo";
    private static final String ALIAS = "gpt-small";

    @TempDir
    private static Path folder;

    private static TestCluster cluster;
    private static HttpClient http;
    private static String other;
    private static String demoAnswer;
    private static String otherAnswer;

    @BeforeAll
    static void start() throws Exception {
        Path random = folder.resolve("other.gguf");
        new RandomModel(Family.LLAMA.shape(ModelSize.tiny()), GgmlType.F32, 7).write(random,
                LlamaLibrary.open(Optional.empty()).types());
        TestClusterSettings demo = TestClusterSettings.demo(folder, 2).withLogs(Path.of("target/fault-logs"));
        http = HttpClient.newHttpClient();
        cluster = demo.withCoordinators(2).withCoordinatorOptions("--model", random.toString(), "--stages", "2",
                "--speculate", "off", "--context", "512", "--alias", ALIAS + "=" + DEMO).start();
        settle();
        List<String> names = names(first());
        assertThat(names).hasSize(2).contains(DEMO);
        other = names.stream().filter(name -> !name.equals(DEMO)).findFirst().orElseThrow();
        try (UnsplitModel unsplit = new UnsplitModel(demo.model(), 512, 1)) {
            demoAnswer = unsplit.greedy(PROMPT, MAX_TOKENS);
        }
        otherAnswer = answer(first(), other);
        assertThat(otherAnswer).isNotEmpty().isNotEqualTo(demoAnswer);
    }

    @AfterAll
    static void stop() throws Exception {
        http.close();
        cluster.close();
    }

    private static void settle() throws Exception {
        cluster.await("both models are ready everywhere, on both workers", PATIENCE, () -> {
            for (TestCoordinator coordinator : cluster.coordinators()) {
                if (!coordinator.isReady() || StreamSupport
                        .stream(coordinator.cluster().path("models").spliterator(), false)
                        .filter(model -> model.path("ready").asBoolean()
                                && model.path("plan").path("pipelines").path(0).path("stages").size() == 2)
                        .count() != 2) {
                    return false;
                }
            }
            return true;
        });
    }

    @Test
    void both_answer_at_the_same_time_each_as_alone() throws Exception {
        assertBothAnswer(first());
        assertThat(answer(first(), ALIAS)).isEqualTo(demoAnswer);
    }

    @Test
    void each_answer_names_its_model_and_an_unknown_one_is_told_what_there_is() throws Exception {
        HttpResponse<String> known = post(first(), ALIAS);
        JsonNode demo = model(DEMO);
        assertThat(known.headers().firstValue("X-Barnraiser-Model")).hasValue(demo.path("digest").asText());
        assertThat(JSON.readTree(known.body()).path("model").asText()).isEqualTo(DEMO);
        assertThat(JSON.readTree(known.body()).path("system_fingerprint").asText())
                .isEqualTo(demo.path("digest").asText());
        HttpResponse<String> unknown = post(first(), "gpt-large");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).contains("gpt-large", DEMO, other, ALIAS);
        assertThat(unknown.headers().firstValue("X-Barnraiser-Model")).isEmpty();
    }

    /** Whatever runs after it finds one coordinator and one worker, which is enough. */
    @Test
    void a_coordinator_and_a_worker_that_are_lost_under_both_cost_neither_an_answer() throws Exception {
        cluster.await("one leads", PATIENCE, () -> cluster.leader().isPresent());
        TestCoordinator leader = cluster.leader().orElseThrow();
        TestCoordinator follower = cluster.coordinators().stream().filter(each -> !each.equals(leader)).findFirst()
                .orElseThrow();
        leader.kill();
        assertBothAnswer(follower.url());
        cluster.await("the other one leads", PATIENCE, follower::leads);
        CompletableFuture<String> one = later(follower.url(), DEMO);
        CompletableFuture<String> two = later(follower.url(), other);
        cluster.workers().getLast().kill();
        assertThat(one.get()).isEqualTo(demoAnswer);
        assertThat(two.get()).isEqualTo(otherAnswer);
        assertBothAnswer(follower.url());
    }

    private static void assertBothAnswer(URI coordinator) throws Exception {
        CompletableFuture<String> one = later(coordinator, DEMO);
        CompletableFuture<String> two = later(coordinator, other);
        assertThat(one.get()).isEqualTo(demoAnswer);
        assertThat(two.get()).isEqualTo(otherAnswer);
    }

    private static CompletableFuture<String> later(URI coordinator, String model) throws Exception {
        return http.sendAsync(request(coordinator, model), HttpResponse.BodyHandlers.ofString())
                .thenApply(SeveralModelsTest::text);
    }

    private static String answer(URI coordinator, String model) throws Exception {
        return text(post(coordinator, model));
    }

    private static String text(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return read(response.body()).path("choices").path(0).path("text").asText();
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new AssertionError(json, e);
        }
    }

    private static HttpResponse<String> post(URI coordinator, String model) throws Exception {
        return http.send(request(coordinator, model), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest request(URI coordinator, String model) throws Exception {
        return HttpRequest.newBuilder(coordinator.resolve("/v1/completions")).timeout(PATIENCE)
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(JSON.createObjectNode()
                        .put("model", model).put("prompt", PROMPT).put("temperature", 0)
                        .put("max_tokens", MAX_TOKENS))))
                .build();
    }

    private static JsonNode model(String name) throws Exception {
        return read(firstAlive().get("/v1/models/" + name).body());
    }

    private static List<String> names(URI coordinator) throws Exception {
        List<String> names = new ArrayList<>();
        JsonNode models = read(http.send(HttpRequest.newBuilder(coordinator.resolve("/v1/models")).build(),
                HttpResponse.BodyHandlers.ofString()).body());
        models.path("data").forEach(model -> names.add(model.path("id").asText()));
        return names;
    }

    private static URI first() {
        return firstAlive().url();
    }

    private static TestCoordinator firstAlive() {
        return cluster.coordinators().stream().filter(TestCoordinator::isAlive).findFirst().orElseThrow();
    }
}

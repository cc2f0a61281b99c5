package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.barnraiser.coordinator.bench.BenchCommand;
import org.barnraiser.coordinator.cli.Barn;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What a reader's program sees of the demo model on two workers. */
class ReaderTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private static Path data;

    private static RunningBarn barn;

    @BeforeAll
    static void start() throws Exception {
        barn = RunningBarn.start(RunningBarn.Settings.demo(2, data)).awaitReady(PATIENCE);
    }

    @AfterAll
    static void stop() {
        barn.close();
    }

    @Test
    void the_demo_model_says_what_barnraiser_is() throws Exception {
        JsonNode answer = chat("""
                               {"model": "barnraiser-demo", "temperature": 0,
                                "messages": [{"role": "user", "content": "What is Barnraiser?"}]}""");
        assertThat(answer.path("choices").path(0).path("message").path("content").asText()).contains("Barnraiser");
        assertThat(answer.path("choices").path(0).path("finish_reason").asText()).isEqualTo("stop");
        assertThat(answer.path("usage").path("completion_tokens").asInt()).isPositive();
    }

    @Test
    void the_next_turn_of_a_conversation_computes_only_what_is_new() throws Exception {
        String first = """
                       {"temperature": 0, "max_tokens": 8, "messages": [%s]}""";
        String question = """
                          {"role": "user", "content": "How many machines can share one model, and who may lend them?"}""";
        JsonNode answer = chat(first.formatted(question));
        int promptTokens = answer.path("usage").path("prompt_tokens").asInt();
        JsonNode second = chat(first.formatted(question + """
                                                          , %s, {"role": "user", "content": "And then?"}"""
                .formatted(answer.path("choices").path(0).path("message"))));
        assertThat(second.path("usage").path("prompt_tokens_details").path("cached_tokens").asInt())
                .isBetween(promptTokens - 4, second.path("usage").path("prompt_tokens").asInt() - 1);
    }

    @Test
    void a_bench_tells_what_readers_saw_and_what_the_stages_did() throws Exception {
        Path scenario = Files.writeString(data.resolve("scenario.json"),
                """
                {"groups": [{"name": "talkers", "readers": 2, "answers": 1, "turns": 2, "maxTokens": 16},
                            {"name": "late", "answers": 1, "maxTokens": 4, "promptWords": 40, "startSeconds": 0.1}]}""");
        JsonNode result = JSON
                .readTree(bench("--url", barn.url().toString(), "--scenario", scenario.toString(), "--json"));
        JsonNode talkers = result.path("groups").path(0);
        assertThat(talkers.path("tokens").asInt()).isEqualTo(2 * 2 * 16);
        assertThat(talkers.path("timeToFirstTokenMillisMedianByTurn")).hasSize(2);
        assertThat(talkers.path("cachedTokens").asInt()).isPositive();
        assertThat(talkers.path("interTokenMillisP99").asDouble()).isPositive();
        assertThat(result.path("stages")).hasSize(2);
        for (JsonNode stage : result.path("stages")) {
            assertThat(stage.path("steps").asInt()).isGreaterThanOrEqualTo(16);
            assertThat(stage.path("busyShare").asDouble()).isBetween(0.001, 1.0);
        }
        assertThat(bench("--url", barn.url().toString(), "--streams", "1,2", "--requests", "1", "--max-tokens", "4"))
                .containsSubsequence("readers", "\nreaders ", "       1 ", "\nreaders ", "       2 ");
    }

    private static String bench(String... options) {
        StringWriter out = new StringWriter();
        assertThat(Barn.commandLine(new BenchCommand()).setOut(new PrintWriter(out)).execute(options)).isZero();
        return out.toString();
    }

    @Test
    void a_streamed_answer_is_the_same_as_a_whole_one() throws Exception {
        String body = """
                      {"temperature": 0, "stream": %s, "messages": [{"role": "user", "content": "Who made you?"}]}""";
        String whole = chat(body.formatted(false)).path("choices").path(0).path("message").path("content").asText();
        StringBuilder streamed = new StringBuilder();
        for (JsonNode event : stream(body.formatted(true))) {
            streamed.append(event.path("choices").path(0).path("delta").path("content").asText(""));
        }
        assertThat(streamed.toString()).isNotEmpty().isEqualTo(whole);
    }

    @Test
    void every_answer_names_the_model_that_made_it() throws Exception {
        String digest = barn.cluster().path("model").path("digest").asText();
        HttpResponse<String> answer = barn.post("/v1/chat/completions",
                """
                {"max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}]}""");
        assertThat(answer.headers().firstValue("X-Barnraiser-Model")).contains("sha256:" + digest);
        assertThat(JSON.readTree(answer.body()).path("system_fingerprint").asText()).contains(digest);
    }

    @Test
    void the_same_seed_gives_the_same_answer_whatever_runs_beside_it() throws Exception {
        String seeded = """
                        {"seed": 7, "temperature": 1.5, "max_tokens": 40,
                         "messages": [{"role": "user", "content": "Tell me something"}]}""";
        String alone = content(chat(seeded));
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> together = new ArrayList<>();
            for (int reader = 0; reader < 8; reader++) {
                Callable<String> ask = () -> content(chat(seeded));
                together.add(readers.submit(ask));
            }
            for (Future<String> answer : together) {
                assertThat(answer.get()).isEqualTo(alone);
            }
        }
    }

    @Test
    void an_answer_can_be_held_to_a_json_schema() throws Exception {
        JsonNode answer = chat(
                """
                {"max_tokens": 200, "seed": 1, "messages": [{"role": "user", "content": "A book, please"}],
                 "response_format": {"type": "json_schema", "json_schema": {"name": "book", "strict": true, "schema": {
                   "type": "object", "required": ["title", "pages"], "additionalProperties": false,
                   "properties": {"title": {"type": "string", "maxLength": 12},
                                  "pages": {"enum": [100, 200]}}}}}}""");
        JsonNode book = JSON.readTree(content(answer));
        assertThat(book.path("title").isTextual()).isTrue();
        assertThat(book.path("pages").asInt()).isIn(100, 200);
    }

    @Test
    void several_choices_and_their_probabilities_come_in_one_answer() throws Exception {
        JsonNode answer = chat("""
                               {"n": 3, "max_tokens": 5, "logprobs": true, "top_logprobs": 4, "temperature": 1,
                                "messages": [{"role": "user", "content": "Hello"}]}""");
        assertThat(answer.path("choices")).hasSize(3);
        for (JsonNode choice : answer.path("choices")) {
            for (JsonNode token : choice.path("logprobs").path("content")) {
                assertThat(token.path("logprob").asDouble()).isLessThanOrEqualTo(0);
                assertThat(token.path("top_logprobs")).hasSize(4);
            }
        }
    }

    @Test
    void a_prompt_longer_than_the_context_is_refused_with_both_numbers() throws Exception {
        HttpResponse<String> answer = barn.post("/v1/completions",
                JSON.writeValueAsString(JSON.createObjectNode().put("prompt", "barn ".repeat(3000))));
        assertThat(answer.statusCode()).isEqualTo(400);
        JsonNode error = JSON.readTree(answer.body()).path("error");
        assertThat(error.path("code").asText()).isEqualTo("context_length_exceeded");
        assertThat(error.path("message").asText()).contains("1024").containsPattern("[3-9]\\d{3}");
    }

    @Test
    void a_model_that_is_not_hosted_is_never_answered_by_another() throws Exception {
        HttpResponse<String> answer = barn.post("/v1/chat/completions",
                """
                {"model": "gpt-99", "messages": [{"role": "user", "content": "Hi"}]}""");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("model_not_found").contains("barnraiser-demo");
    }

    @Test
    void a_reader_who_leaves_frees_the_slot() throws Exception {
        String endless = """
                         {"prompt": "Once", "max_tokens": 900, "ignore_eos": true, "stream": true}""";
        for (int reader = 0; reader < 12; reader++) {
            HttpResponse<InputStream> answer = barn.http().send(barn.request("/v1/completions", endless),
                    HttpResponse.BodyHandlers.ofInputStream());
            assertThat(answer.body().read()).isNotNegative();
            answer.body().close();
        }
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(barn.get("/metrics").body())
                .containsPattern("(?m)^barnraiser_sequences_running(\\{[^}]*\\})? 0\\.0$"));
    }

    private static JsonNode chat(String body) throws IOException, InterruptedException {
        HttpResponse<String> answer = barn.post("/v1/chat/completions", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private static String content(JsonNode answer) {
        return answer.path("choices").path(0).path("message").path("content").asText();
    }

    private static List<JsonNode> stream(String body) throws IOException, InterruptedException {
        List<JsonNode> events = new ArrayList<>();
        for (String line : barn.post("/v1/chat/completions", body).body().lines().toList()) {
            if (line.startsWith("data: {")) {
                events.add(JSON.readTree(line.substring("data: ".length())));
            }
        }
        return events;
    }
}

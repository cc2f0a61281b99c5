package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.barnraiser.coordinator.account.AccountException;
import org.barnraiser.coordinator.account.Database;
import org.barnraiser.coordinator.account.KeyLimits;
import org.barnraiser.coordinator.account.MemberKeys;
import org.barnraiser.coordinator.account.NewKey;
import org.barnraiser.coordinator.account.Role;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Real processes whose keys were made before their first start, and which log all that they can. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MembersTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** Answers that each key waits for at once; its line holds 64. */
    private static final int WAITING = 40;
    private static final int TOKENS = 8;
    /** So much of an answer has come when a worker dies. */
    private static final int PIECES_BEFORE = 20;
    private static final int REPETITIONS = 12;

    /** Every logger of every library says all that it can. */
    private static final String EVERYTHING = """
                                             <configuration><appender name="all" class="ch.qos.logback.core.ConsoleAppender"><target>System.err</target>
                                             <encoder><pattern>%d %level %logger %msg%n%ex</pattern></encoder></appender>
                                             <root level="TRACE"><appender-ref ref="all"/></root></configuration>""";

    @TempDir
    private static Path data;

    private static RunningBarn barn;
    private static String light;
    private static String heavy;
    private static String third;

    @BeforeAll
    static void start() throws Exception {
        light = key("light", 1);
        heavy = key("heavy", 3);
        third = key("third", 1);
        Path everything = Files.writeString(data.resolve("everything.xml"), EVERYTHING);
        barn = RunningBarn
                .start(RunningBarn.Settings.demo(2, data).withOptions("--slots", "2", "--trusted-ends"), Map.of(
                        "JAVA_TOOL_OPTIONS", "-Dlogback.configurationFile=" + everything
                                + " -Djava.io.tmpdir=" + Files.createDirectory(data.resolve("tmp"))))
                .awaitReady(PATIENCE);
    }

    @AfterAll
    static void stop() {
        if (barn != null) {
            barn.close();
        }
    }

    private static String key(String name, int weight) throws AccountException {
        KeyLimits limits = new KeyLimits(ImmutableSet.of(), OptionalLong.empty(), OptionalLong.empty(),
                OptionalLong.empty(), OptionalLong.empty(), weight);
        try (Database database = Database.open(Optional.empty(), data)) {
            return new MemberKeys(database, InstantSource.system())
                    .create(new NewKey(name, Role.MEMBER, Optional.empty(), limits)).secret().reveal();
        }
    }

    /** The last one, as it kills a worker. */
    @Test
    @Order(Integer.MAX_VALUE)
    void nothing_that_readers_write_or_hear_is_in_any_log_or_file() throws Exception {
        Words words = Words.random();
        String marker = words.text();
        String question = "{'messages':[{'role':'user','content':'" + marker + "'}],'max_tokens':8,'ignore_eos':true";
        for (String rest : List.of("}", ",'stream':true}",
                ",'stop':['" + marker + "'],'n':2,'logprobs':true,'top_logprobs':5}",
                ",'tools':[{'type':'function','function':{'name':'" + marker + "','description':'" + marker + "'}}]}",
                ",'dry_multiplier':1,'dry_sequence_breakers':['" + marker + "']}", ",'temperature':'" + marker + "'}",
                ",'grammar':'" + marker + "'}", ",'" + marker + "':1",
                ",'response_format':{'type':'json_schema','json_schema':{'name':'a','schema':"
                        + "{'type':'object','required':['" + marker + "'],'properties':{'" + marker + "':{'const':'"
                        + marker + "'}}}}}}",
                ",'response_format':{'type':'json_schema','json_schema':{'name':'a','schema':{'type':'" + marker
                        + "'}}}}")) {
            var _ = ask(light, "/v1/chat/completions", question + rest);
        }
        for (String body : List.of("{'messages':[{'role':'" + marker + "','content':'a'}]}",
                "{'messages':'" + marker + "'}",
                "{'messages':[{'role':'assistant','tool_calls':[{'function':{'name':'" + marker + "','arguments':'"
                        + marker + "'}}]},"
                        + "{'role':'tool','content':'" + marker + "'}]}",
                "{'messages':[{'role':'user','content':'" + (marker + " ").repeat(1_000) + "'}]}",
                "{'model':'" + marker + "','messages':[]}")) {
            var _ = ask(light, "/v1/chat/completions", body);
        }
        var _ = ask(light, "/v1/tokenize", "{'content':'" + marker + "'}");
        var _ = ask(light, "/api/attachments/text", marker);
        var _ = ask(light, "/v1/" + marker + "?" + marker, "{}");
        var _ = ask(marker + "-key", "/v1/tokenize", "{'content':'" + marker + "'}");
        words.remember(ask(light, "/v1/tokenize", "{'content':'" + marker + "'}").body());

        assertThat(forcedAnswer(marker)).isEqualTo((marker + " ").repeat(REPETITIONS));

        assertThat(words.filesWithThem(data, barn.output())).isEmpty();
        assertThat(Words.filesWith(data, List.of(light.getBytes(StandardCharsets.UTF_8)))).as("with a key").isEmpty();
        assertThat(Words.filesWith(data, List.of("worker-2".getBytes(StandardCharsets.UTF_8))))
                .as("a search that finds what is there")
                .isNotEmpty();
    }

    /** In whose middle a worker dies. */
    private static String forcedAnswer(String marker) throws IOException, InterruptedException {
        HttpRequest request = request(light, "/v1/completions", "{'stream':true,'prompt':'" + marker
                + "','max_tokens':400,'grammar':'root ::= (\\\"" + marker + " \\\"){" + REPETITIONS + "}'}");
        StringBuilder text = new StringBuilder();
        int pieces = 0;
        try (Stream<String> lines = barn.http().send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
            for (String line : (Iterable<String>) lines::iterator) {
                if (line.startsWith("data: {")) {
                    text.append(new ObjectMapper().readTree(line.substring("data: ".length())).path("choices").path(0)
                            .path("text").asText());
                    if (++pieces == PIECES_BEFORE) {
                        kill("worker-2");
                    }
                }
            }
        }
        return text.toString();
    }

    @Test
    void no_process_leaves_its_memory_on_disk() throws IOException {
        assertThat(Files.readString(Path.of("..", "barn"))).contains("ulimit -c 0", "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=/dev/null").doesNotContain("HeapDumpOnOutOfMemoryError", "HeapDumpPath");
        assertThat(barn.processes()).hasSize(3);
        for (ProcessHandle worker : barn.processes().subList(1, 3)) {
            // Java itself does not tell arguments that are as long as a class path.
            Path arguments = Path.of("/proc/" + worker.pid() + "/cmdline");
            Assumptions.assumeTrue(Files.exists(arguments), "There is no /proc here to look at the workers' options.");
            assertThat(Files.readString(arguments)).contains("-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null")
                    .doesNotContain("HeapDump");
        }
    }

    @Test
    void the_host_needs_no_key_on_its_own_machine_and_others_do() throws Exception {
        assertThat(barn.get("/v1/models").statusCode()).isEqualTo(401);
        assertThat(barn.get("/readyz").statusCode()).isEqualTo(200);
        ProcessBuilder status = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"), "org.barnraiser.coordinator.cli.Barn", "status", "--url",
                barn.url().toString()).redirectErrorStream(true);
        status.environment().put("BARN_DATA", data.toString());
        status.environment().remove("BARN_KEY");
        Process process = status.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    /** All answers wait before the first is let in, so that it does not matter how quick the readers are. */
    @Test
    void under_saturation_keys_of_weights_one_and_three_are_served_one_to_three() throws Exception {
        ConcurrentLinkedQueue<String> served = new ConcurrentLinkedQueue<>();
        List<Future<?>> answers = new ArrayList<>();
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int slot = 0; slot < 2; slot++) {
                answers.add(readers.submit(() -> complete(third, 300, served)));
            }
            await().atMost(PATIENCE).until(() -> activity().path("running").asInt() == 2);
            for (int number = 0; number < WAITING; number++) {
                answers.add(readers.submit(() -> complete(light, TOKENS, served)));
                answers.add(readers.submit(() -> complete(heavy, TOKENS, served)));
            }
        }
        for (Future<?> answer : answers) {
            answer.get();
        }
        served.removeIf(third::equals);
        // As long as both wanted more: until the heavy key's line is nearly empty.
        List<String> order = new ArrayList<>(served);
        int heavyAnswers = 0;
        int lightAnswers = 0;
        for (int at = 0; heavyAnswers < WAITING - 4; at++) {
            if (order.get(at).equals(heavy)) {
                heavyAnswers++;
            } else {
                lightAnswers++;
            }
        }
        System.out.println("SHARES " + heavyAnswers + " answers, " + lightAnswers + " answers of as many tokens");
        assertThat(heavyAnswers / (double) lightAnswers).as("tokens of the heavy key for each of the light one")
                .isBetween(2.7, 3.3);
    }

    private static @Nullable Void complete(String key, int tokens, Queue<String> served) throws Exception {
        HttpResponse<String> answer = ask(key, "/v1/completions",
                "{'prompt':'A','max_tokens':" + tokens + ",'ignore_eos':true}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        served.add(key);
        return null;
    }

    private static JsonNode activity() throws IOException, InterruptedException {
        return cluster().path("activity");
    }

    private static JsonNode cluster() throws IOException, InterruptedException {
        return new ObjectMapper().readTree(ask(light, "/api/cluster", "").body());
    }

    private static HttpResponse<String> ask(String key, String path, String json)
            throws IOException, InterruptedException {
        return barn.http().send(request(key, path, json), HttpResponse.BodyHandlers.ofString());
    }

    /** With no body it is a GET. */
    private static HttpRequest request(String key, String path, String json) {
        HttpRequest.Builder request = HttpRequest
                .newBuilder(barn.request(path, json.replace('\'', '"')), (_, _) -> true)
                .setHeader("Authorization", "Bearer " + key);
        return json.isEmpty() ? request.GET().build() : request.build();
    }

    private static void kill(String worker) throws IOException, InterruptedException {
        for (JsonNode one : cluster().path("plan").path("pipelines").path(0).path("stages")) {
            if (one.path("worker").asText().equals(worker)) {
                assertThat(ProcessHandle.of(one.path("pid").asLong()).orElseThrow().destroyForcibly()).isTrue();
            }
        }
    }
}

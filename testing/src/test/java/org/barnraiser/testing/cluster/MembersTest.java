package org.barnraiser.testing.cluster;

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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.barnraiser.coordinator.account.AccountException;
import org.barnraiser.coordinator.account.Database;
import org.barnraiser.coordinator.account.KeyLimits;
import org.barnraiser.coordinator.account.MemberKeys;
import org.barnraiser.coordinator.account.NewKey;
import org.barnraiser.coordinator.account.Role;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

/** Real processes whose keys were made before their first start, and which log all that they can. */
class MembersTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String MARKER = "Zwetschgendatschi";
    private static final int COUNTED = 240;
    private static final int WARM_UP = 16;

    @TempDir
    private static Path data;

    private static RunningBarn barn;
    private static String light;
    private static String heavy;

    @BeforeAll
    static void start() throws Exception {
        light = key("light", 1);
        heavy = key("heavy", 3);
        barn = RunningBarn.start(RunningBarn.Settings.demo(2, data).withOptions("--slots", "2"), Map.of("BARN_LOG", "TRACE"))
                .awaitReady(PATIENCE);
    }

    @AfterAll
    static void stop() {
        if (barn != null) {
            barn.close();
        }
    }

    private static String key(String name, int weight) throws AccountException {
        KeyLimits limits = new KeyLimits(ImmutableSet.of(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(),
                OptionalLong.empty(), weight);
        try (Database database = Database.open(Optional.empty(), data)) {
            return new MemberKeys(database, InstantSource.system())
                    .create(new NewKey(name, Role.MEMBER, Optional.empty(), limits)).secret().reveal();
        }
    }

    @Test
    void the_host_needs_no_key_on_its_own_machine_and_others_do() throws Exception {
        assertThat(barn.get("/v1/models").statusCode()).isEqualTo(401);
        assertThat(barn.get("/readyz").statusCode()).isEqualTo(200);
        ProcessBuilder status = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), "org.barnraiser.coordinator.cli.Barn", "status", "--url",
                barn.url().toString()).redirectErrorStream(true);
        status.environment().put("BARN_DATA", data.toString());
        status.environment().remove("BARN_KEY");
        Process process = status.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    @Test
    void under_saturation_keys_of_weights_one_and_three_are_served_one_to_three() throws Exception {
        ConcurrentLinkedQueue<String> served = new ConcurrentLinkedQueue<>();
        AtomicBoolean enough = new AtomicBoolean();
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int reader = 0; reader < 6; reader++) {
                for (String key : List.of(light, heavy)) {
                    var _ = readers.submit(() -> {
                        while (!enough.get()) {
                            assertThat(ask(key, "/v1/completions", "{'prompt':'Once','max_tokens':4,'ignore_eos':true}")
                                    .statusCode()).isEqualTo(200);
                            served.add(key);
                        }
                        return null;
                    });
                }
            }
            try {
                await().atMost(PATIENCE).until(() -> served.size() >= WARM_UP + COUNTED);
            } finally {
                enough.set(true);
            }
        }
        List<String> counted = new ArrayList<>(served).subList(WARM_UP, WARM_UP + COUNTED);
        double share = Collections.frequency(counted, heavy) / (double) COUNTED;
        assertThat(share / (1 - share)).as("answers of the heavy key for each of the light one").isCloseTo(3, within(0.3));
    }

    @Test
    void nothing_that_readers_write_is_in_any_log_or_file() throws Exception {
        for (String body : List.of("{'messages':[{'role':'user','content':'" + MARKER + "'}],'max_tokens':8}",
                "{'messages':[{'role':'user','content':'" + MARKER + "'}],'max_tokens':8,'stream':true}",
                "{'messages':[{'role':'user','content':'" + MARKER + "'}],'max_tokens':8,'stop':['" + MARKER + "'],'n':2}",
                "{'messages':[{'role':'" + MARKER + "','content':'a'}]}", "{'messages':'" + MARKER + "'}", "{'" + MARKER,
                "{'messages':[{'role':'user','content':'" + (MARKER + " ").repeat(3_000) + "'}]}", "{'model':'" + MARKER + "','messages':[]}",
                "{'messages':[{'role':'user','content':'a'}],'response_format':{'type':'json_schema','json_schema':{'name':'a','schema':{'type':'"
                        + MARKER + "'}}}}")) {
            var _ = ask(light, "/v1/chat/completions", body);
        }
        var _ = ask(light, "/v1/completions", "{'prompt':'" + MARKER + "','max_tokens':8,'grammar':'root ::= \\\"" + MARKER + "\\\"'}");
        var _ = ask(light, "/v1/tokenize", "{'content':'" + MARKER + "'}");
        var _ = ask(light, "/api/attachments/text", MARKER);
        var _ = ask(light, "/v1/" + MARKER, "{}");
        var _ = ask(MARKER + "-key", "/v1/tokenize", "{'content':'" + MARKER + "'}");
        assertThat(barn.output()).doesNotContain(MARKER).doesNotContain(light);
        assertThat(filesWith(MARKER)).isEmpty();
        assertThat(filesWith(light)).isEmpty();
        assertThat(filesWith("barn_")).as("a search that finds what is there").isNotEmpty();
    }

    @Test
    void no_process_leaves_its_memory_on_disk() throws IOException {
        String launcher = Files.readString(Path.of("..", "barn"));
        assertThat(launcher).contains("-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null")
                .doesNotContain("HeapDumpOnOutOfMemoryError", "HeapDumpPath");
    }

    private static List<Path> filesWith(String text) throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            List<Path> found = new ArrayList<>();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.size(file) < 64 << 20
                        && new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text)) {
                    found.add(file);
                }
            }
            return found;
        }
    }

    private static HttpResponse<String> ask(String key, String path, String json) throws IOException, InterruptedException {
        return barn.http().send(HttpRequest.newBuilder(barn.request(path, json.replace('\'', '"')), (_, _) -> true)
                .setHeader("Authorization", "Bearer " + key).build(), HttpResponse.BodyHandlers.ofString());
    }
}

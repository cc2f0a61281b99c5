package org.barnraiser.helm.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.barnraiser.helm.SourceTree;
import org.barnraiser.testing.cluster.RunningBarn;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A cluster of real processes answers more readers than it has slots for and loses a machine, while a real Prometheus looks at it. */
class MonitoringTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int READERS = 6;
    /** What happens once must not have passed out of sight when it is asked for. */
    private static final String WHOLE_TEST = "30m";
    /** Some more seconds, so that the pictures have something to show. */
    private static final int PICTURE_SECONDS = 90;
    private static final Pattern SERVED = Pattern.compile("(?m)^# TYPE (barnraiser_\\w+) (\\w+)$");
    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `(barnraiser_\\w+)` \\| (\\w+) \\|");

    private static final Pattern SCALED_BY = Pattern.compile("(?m)^ +query: (.+)$");

    @TempDir
    private static Path folder;
    private static @Nullable RunningBarn barn;
    private static final List<Thread> READING = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        barn = RunningBarn.start(RunningBarn.Settings.demo(3, folder.resolve("barn")).withOptions("--stages", "2"))
                .awaitReady(PATIENCE);
        RunningBarn asked = barn;
        IntStream.range(0, READERS)
                .forEach(reader -> READING.add(Thread.ofVirtual().start(() -> keepAsking(asked, reader))));
    }

    @AfterAll
    static void stop() {
        READING.forEach(Thread::interrupt);
        if (barn != null) {
            barn.close();
        }
    }

    @Test
    void every_metric_of_the_table_is_served() throws Exception {
        Set<String> documented = found(DOCUMENTED, Files.readString(SourceTree.path("docs/metrics.md")));
        await().atMost(PATIENCE).untilAsserted(
                () -> assertThat(found(SERVED, barn().get("/metrics").body())).containsAll(documented));
    }

    @Test
    void every_metric_that_is_served_is_explained_on_some_page() throws Exception {
        String pages = pages();
        Set<String> served = found(SERVED, barn().get("/metrics").body());
        // The library adds to each counter when it began.
        served.removeIf(metric -> metric.contains("_created "));
        assertThat(served).hasSizeGreaterThan(20)
                .allSatisfy(metric -> assertThat(pages).contains("`" + metric.substring(0, metric.indexOf(' '))));
    }

    @Test
    void every_panel_and_every_rule_finds_its_data() throws Exception {
        try (PrometheusServer prometheus = PrometheusServer.start(barn().url(), Alert.FILE, folder)) {
            long from = System.currentTimeMillis() / 1000;
            awaitStandby();
            // One scrape before, so that the take-over is seen as a change.
            await().atMost(PATIENCE).until(() -> hasNumber(prometheus.query("barnraiser_takeover_seconds_count")));
            barn().killStage(0);

            for (Panel panel : Panel.all()) {
                for (Panel.Query query : panel.queries()) {
                    await(panel.dashboard() + ", " + panel.title() + ": " + query.expression()).atMost(PATIENCE)
                            .until(() -> hasNumber(prometheus.query(query.expanded(WHOLE_TEST))));
                }
            }
            await("two of six readers wait for one of four slots").atMost(PATIENCE)
                    .until(() -> hasNumber(prometheus.query("barnraiser_waiting_answers > 0")));
            Matcher scaledBy = SCALED_BY.matcher(Files.readString(SourceTree.path("docs/operator.md")));
            assertThat(scaledBy.find()).isTrue();
            assertThat(hasNumber(prometheus.query(scaledBy.group(1)))).as("what KEDA would ask").isTrue();
            for (Alert alert : Alert.all()) {
                prometheus.query(alert.expression());
                for (String metric : alert.metrics()) {
                    assertThat(hasNumber(prometheus.query(metric))).as(alert.name() + " looks at " + metric).isTrue();
                }
            }
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(prometheus.rules()).isNotEmpty()
                    .allSatisfy(group -> assertThat(group.path("rules")).isNotEmpty().allSatisfy(rule -> {
                        assertThat(rule.path("health").asText()).as(rule.toString()).isEqualTo("ok");
                    })));
            if (DashboardPictures.WANTED) {
                await().atMost(Duration.ofMinutes(10))
                        .until(() -> System.currentTimeMillis() / 1000 - from > PICTURE_SECONDS);
                DashboardPictures.take(prometheus, from + 5);
            }
        }
    }

    private static String pages() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(SourceTree.path("docs"))) {
            for (Path page : files.filter(file -> file.toString().endsWith(".md")).toList()) {
                text.append(Files.readString(page));
            }
        }
        return text.toString();
    }

    private static RunningBarn barn() {
        if (barn == null) {
            throw new IllegalStateException("not started");
        }
        return barn;
    }

    /** A machine that holds a stage ready makes the loss of another one short. */
    private static void awaitStandby() {
        await().atMost(PATIENCE).until(() -> {
            List<String> states = new ArrayList<>();
            barn().cluster().path("workers").forEach(worker -> states.add(worker.path("state").asText()));
            return states.contains("stand-by");
        });
    }

    private static boolean hasNumber(JsonNode series) {
        for (JsonNode one : series) {
            if (!one.path("value").path(1).asText("NaN").equals("NaN")) {
                return true;
            }
        }
        return false;
    }

    private static Set<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(match -> match.group(1) + " " + match.group(2))
                .collect(toCollection(TreeSet::new));
    }

    private static void keepAsking(RunningBarn barn, int reader) {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                barn.post("/v1/completions", """
                                             {"prompt": "Once upon a time %d", "max_tokens": 80, "ignore_eos": true}"""
                        .formatted(reader));
            } catch (IOException | InterruptedException _) {
                return;
            }
        }
    }
}

package org.barnraiser.coordinator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StatusViewTest {
    private static final String DIGEST = "ab".repeat(32);
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void all_that_the_cluster_tells_is_shown() {
        ClusterStatus status = new ClusterStatus(new ClusterStatus.Model("llama-70b", DIGEST, true, ""),
                new ClusterStatus.Plan(4, List.of(new ClusterStatus.Pipeline(1, 1, List.of(
                        new ClusterStatus.Stage("attic", 0, 27, 4711, "10.0.0.11:7070", 1, 0.85, 12.1, 0,
                                ClusterStatus.Done.NOTHING,
                                new ClusterStatus.Way(21.5, 12_500_000, "relayed through 192.0.2.1:7443")),
                        new ClusterStatus.Stage("hall", 27, 54, 1203, "10.0.0.12:7070", 1, 0, 0))))),
                List.of(worker("attic", "10.0.0.11:7070", "b4916", "stage", ""),
                        worker("hall", "10.0.0.12:7070", "v0.5.0", "leaving", "Its owner wants it back at 18:00.")),
                List.of(new ClusterStatus.Coordinator("c1", "10.0.0.1:8080", true),
                        new ClusterStatus.Coordinator("c2", "10.0.0.2:8080", false)),
                new ClusterStatus.Activity(2, 1, 0, 31.44, 12_345, 3), List.of("hall and office are cut off."));

        assertThat(view(status)).containsExactly(
                "model    llama-70b",
                "digest   sha256:" + DIGEST,
                "state    ready",
                "answers  2 running, 1 waiting, 0 paused; 31.4 tokens/s",
                "so far   12,345 tokens, 3 take-overs",
                "plan     epoch 4",
                "         layers   0 to  26  attic                pid 4711      85%    12.1 ms",
                "           then relayed through 192.0.2.1:7443, 21.5 ms there and back, 100",
                "           Mbit/s",
                "         layers  27 to  53  hall                 pid 1203",
                "workers  2",
                "         attic                stage     lends    8.6 GB  10.0.0.11:7070",
                "           llama.cpp b4916",
                "         hall                 leaving   lends    8.6 GB  10.0.0.12:7070",
                "           Its owner wants it back at 18:00.",
                "           llama.cpp v0.5.0",
                "coordinators 2",
                "         10.0.0.1:8080  leads",
                "         10.0.0.2:8080",
                "trouble  hall and office are cut off.");
    }

    @Test
    void several_pipelines_are_told_apart() {
        ClusterStatus status = new ClusterStatus(new ClusterStatus.Model("m", DIGEST, true, ""),
                new ClusterStatus.Plan(4, List.of(whole(1, 4, "attic"), whole(2, 7, "hall"))), List.of(), List.of(),
                ClusterStatus.Activity.NONE, List.of());
        assertThat(view(status)).containsSubsequence(
                "plan     epoch 4",
                "         pipeline 1, epoch 4",
                "         layers   0 to  26  attic                pid 1",
                "         pipeline 2, epoch 7",
                "         layers   0 to  26  hall                 pid 1");
    }

    private static ClusterStatus.Pipeline whole(int number, long epoch, String worker) {
        return new ClusterStatus.Pipeline(number, epoch,
                List.of(new ClusterStatus.Stage(worker, 0, 27, 1, "10.0.0.11:7070", 1, 0, 0)));
    }

    @Test
    void the_clusters_fingerprint_is_shown_and_how_certificates_stand() {
        ClusterStatus status = new ClusterStatus(new ClusterStatus.Model("m", DIGEST, true, ""),
                new ClusterStatus.Plan(1, List.of()),
                List.of(worker("attic", "10.0.0.11:7070", "b4916", "stage", "It is old."),
                        worker("new", "10.0.0.12:7070", "b4916", "stage", "")),
                List.of(), ClusterStatus.Activity.NONE, List.of())
                .with(new ClusterStatus.Trust("x3-_", List.of(
                        new ClusterStatus.Certificate("attic", "worker", "2027-02-19T10:00:00Z", false),
                        new ClusterStatus.Certificate("cellar", "worker", "2027-02-19T10:00:00Z", true))));
        assertThat(view(status)).containsSubsequence(
                "         attic                stage     lends    8.6 GB  10.0.0.11:7070",
                "           It is old.",
                "           Its certificate is good until 2027-02-19.",
                "         new                  stage     lends    8.6 GB  10.0.0.12:7070",
                "trust    x3-_",
                "removed  cellar");
    }

    @Test
    void of_several_models_each_is_shown_with_its_plan() {
        ClusterStatus.Model one = new ClusterStatus.Model("one", DIGEST, true, "");
        ClusterStatus.Model two = new ClusterStatus.Model("two", DIGEST, false, "It is being loaded.");
        ClusterStatus.Plan plan = new ClusterStatus.Plan(4, List.of());
        ClusterStatus status = new ClusterStatus(one, plan, List.of(), List.of(), ClusterStatus.Activity.NONE,
                List.of(), ClusterStatus.Weights.UNKNOWN,
                List.of(ClusterStatus.Hosted.of(one, List.of(), plan, ClusterStatus.Activity.NONE),
                        ClusterStatus.Hosted.of(two, List.of(), new ClusterStatus.Plan(7, List.of()),
                                ClusterStatus.Activity.NONE)));
        assertThat(view(status)).containsSequence("model    one", "digest   sha256:" + DIGEST, "state    ready",
                "plan     epoch 4", "model    two", "digest   sha256:" + DIGEST,
                "state    not ready: It is being loaded.", "plan     epoch 7");
    }

    @Test
    void a_model_that_is_not_ready_says_why() {
        ClusterStatus status = new ClusterStatus(
                new ClusterStatus.Model("m", DIGEST, false, "Waiting for workers: 1 of 2 are here."),
                new ClusterStatus.Plan(0, List.of()), List.of(), List.of(), ClusterStatus.Activity.NONE, List.of());
        assertThat(view(status)).contains("state    not ready: Waiting for workers: 1 of 2 are here.");
    }

    @Test
    void why_a_llama_cpp_was_taken_is_said_once_when_all_have_the_same() throws Exception {
        JsonNode workers = JSON
                .readTree("""
                          {"workers": [{"worker": "a", "engine": "b4916", "engineReason": "It comes along."},
                                       {"worker": "b", "engine": "b4916", "engineReason": "It comes along."}]}""");
        assertThat(new StatusView(workers).lines()).contains("workers  2, with llama.cpp b4916. It comes along.")
                .noneMatch(line -> line.startsWith("           llama.cpp"));
    }

    @Test
    void what_an_older_server_does_not_tell_is_left_out() throws Exception {
        JsonNode old = JSON.readTree("{\"model\":{\"name\":\"m\",\"digest\":\"00\",\"ready\":true}}");
        assertThat(new StatusView(old).lines()).containsExactly("model    m", "digest   sha256:00", "state    ready",
                "plan     epoch 0", "workers  0");
    }

    @Property(tries = 200)
    void nothing_is_wider_than_80_columns_or_steers_the_terminal(@ForAll String name, @ForAll String other,
            @ForAll @IntRange(max = 4_000_000) int pid) {
        String words = (name + " " + other).repeat(3);
        ClusterStatus status = new ClusterStatus(
                new ClusterStatus.Model(name, other, false, "x " + words.replace("", " ")),
                new ClusterStatus.Plan(Long.MAX_VALUE, List.of(new ClusterStatus.Pipeline(1, 1, List.of(
                        new ClusterStatus.Stage(name, 100, 200, pid, other, 1, 1, 99_999))))),
                List.of(worker(name, other, "b", other, "")),
                List.of(new ClusterStatus.Coordinator(name, other, true)), ClusterStatus.Activity.NONE, List.of());
        assertThat(view(status)).allSatisfy(line -> {
            assertThat(line.length()).isLessThanOrEqualTo(80);
            assertThat(line).doesNotContainPattern("\\p{Cc}");
        });
    }

    private static ClusterStatus.Worker worker(String name, String address, String engine, String state, String note) {
        return new ClusterStatus.Worker(name, address, 1, engine, 8_600_000_000L, Map.of(), "host", state, note, "");
    }

    private static List<String> view(ClusterStatus status) {
        return new StatusView(JSON.valueToTree(status)).lines();
    }
}

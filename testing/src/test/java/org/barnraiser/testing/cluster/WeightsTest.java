package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Weights that find their way between real processes. */
class WeightsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** What the whole model takes when it is fetched slowly: time enough to be killed in between. */
    private static final int FETCH_SECONDS = 5;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void weights_leave_the_coordinator_once_and_are_copied_and_repaired_among_the_workers() throws Exception {
        TestClusterSettings settings = TestClusterSettings.demo(folder, 2).withCoordinatorOptions("--stages", "2",
                "--copies", "3");
        try (TestCluster cluster = settings.start()) {
            cluster.awaitReady(PATIENCE);
            cluster.await("each worker has all of the model", PATIENCE, () -> copies(cluster) == 3);
            double served = served(cluster);
            assertThat(served).as("the coordinator has sent every tensor once").isPositive()
                    .isLessThan(1.2 * Files.size(settings.model()));
            assertThat(cluster.coordinator().cluster().path("troubles")).isEmpty();

            repairs(cluster, cluster.stages().getFirst());

            cluster.addWorker();
            cluster.await("who joined has a copy as well", PATIENCE, () -> copies(cluster) == 4);
            assertThat(served(cluster)).as("what it has it has from the others").isEqualTo(served);
        }
    }

    private void repairs(TestCluster cluster, TestWorker worker) throws Exception {
        Path shard = largestShard(worker);
        byte[] before = Files.readAllBytes(shard);
        try (var file = new RandomAccessFile(shard.toFile(), "rw")) {
            long middle = before.length / 2;
            file.seek(middle);
            file.write(before[(int) middle] ^ 1);
        }
        verification(cluster, true);
        cluster.await("all have read their disks", PATIENCE,
                () -> !verification(cluster, false).path("running").asBoolean());
        JsonNode found = verification(cluster, false);
        assertThat(found.path("failures")).isEmpty();
        assertThat(found.path("damages")).hasSize(1);
        JsonNode damage = found.path("damages").path(0);
        assertThat(damage.path("worker").asText()).isEqualTo(worker.name());
        assertThat(damage.path("tensor").asText()).isNotEmpty();
        assertThat(damage.path("repaired").asBoolean()).isTrue();
        assertThat(Files.readAllBytes(shard)).isEqualTo(before);
    }

    @Test
    void a_worker_that_is_killed_while_it_fetches_goes_on_from_where_it_was() throws Exception {
        TestClusterSettings settings = TestClusterSettings.demo(folder, 1);
        long size = Files.size(settings.model());
        String slow = size / FETCH_SECONDS / 1024 + "K";
        try (TestCluster cluster = settings.withCoordinatorOptions("--stages", "1", "--upload-limit", slow).start()) {
            cluster.await("half of the model has arrived", PATIENCE, () -> 2 * served(cluster) > size);
            TestWorker worker = cluster.workers().getFirst();
            worker.restart();
            cluster.awaitReady(PATIENCE);
            long largest = size / 3;
            assertThat(served(cluster)).as("nothing was fetched twice but the tensor that was interrupted")
                    .isLessThan((double) (size + largest));
        }
    }

    private static int copies(TestCluster cluster) throws IOException, InterruptedException {
        return cluster.coordinator().cluster().path("weights").path("copies").asInt();
    }

    /** Bytes that the coordinator has sent; 0 while it does not answer yet. */
    private static double served(TestCluster cluster) throws InterruptedException {
        try {
            Matcher matcher = Pattern
                    .compile("(?m)^barnraiser_weights_served_bytes_total\\{holder=\"coordinator\",?} (\\S+)$")
                    .matcher(cluster.coordinator().get("/metrics").body());
            return matcher.find() ? Double.parseDouble(matcher.group(1)) : 0;
        } catch (IOException _) {
            return 0;
        }
    }

    private static JsonNode verification(TestCluster cluster, boolean begin) throws IOException, InterruptedException {
        URI url = cluster.coordinator().url().resolve("/api/weights/verify");
        HttpRequest.Builder request = HttpRequest.newBuilder(url).timeout(PATIENCE);
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> response = http.send(
                    begin ? request.POST(HttpRequest.BodyPublishers.noBody()).build() : request.build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            return JSON.readTree(response.body());
        }
    }

    private Path largestShard(TestWorker worker) throws IOException {
        try (var files = Files.walk(folder.resolve(worker.name()))) {
            return files.filter(file -> file.toString().endsWith(".shard"))
                    .max(Comparator.comparingLong(file -> file.toFile().length())).orElseThrow();
        }
    }
}

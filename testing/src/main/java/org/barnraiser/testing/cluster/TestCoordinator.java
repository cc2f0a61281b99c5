package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.testing.faults.FaultProxy;

/** One coordinator of a {@link TestCluster}. */
public final class TestCoordinator implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CALL_PATIENCE = Duration.ofSeconds(10);

    private final String name;
    private final URI url;
    private final ClusterProcess process;
    private final FaultProxy zooKeeper;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CALL_PATIENCE).build();

    TestCoordinator(String name, URI url, ClusterProcess process, FaultProxy zooKeeper) {
        this.name = name;
        this.url = url;
        this.process = process;
        this.zooKeeper = zooKeeper;
    }

    public String name() {
        return name;
    }

    /** Where readers find it; stays over restarts. */
    public URI url() {
        return url;
    }

    /** This coordinator's way to ZooKeeper. */
    public FaultProxy zooKeeper() {
        return zooKeeper;
    }

    public void start() throws IOException {
        process.start();
    }

    public void kill() throws InterruptedException {
        process.kill();
    }

    /** SIGSTOP. */
    public void stop() {
        process.stop();
    }

    /** SIGCONT. */
    public void cont() {
        process.cont();
    }

    /** Goes on and reaches ZooKeeper again, whatever was done to it; a dead one is started. */
    public void recover() throws IOException {
        zooKeeper.heal();
        if (!process.isAlive()) {
            process.start();
        } else if (process.isStopped()) {
            process.cont();
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    public Footprint footprint() throws IOException {
        return process.footprint();
    }

    public String output() throws IOException {
        return process.output();
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(url.resolve(path)).timeout(CALL_PATIENCE).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** {@code /api/cluster}, parsed. */
    public JsonNode cluster() throws IOException, InterruptedException {
        return JSON.readTree(get("/api/cluster").body());
    }

    /** Whether it answers readers; false also when it does not answer at all. */
    public boolean isReady() throws InterruptedException {
        try {
            return get("/readyz").statusCode() == 200;
        } catch (IOException _) {
            return false;
        }
    }

    /** Whether it says that it leads; one that is alone and says nothing of it leads. */
    public boolean leads() throws IOException, InterruptedException {
        for (JsonNode coordinator : cluster().path("coordinators")) {
            if (coordinator.path("httpAddress").asText().endsWith(":" + url.getPort())) {
                return coordinator.path("leads").asBoolean();
            }
        }
        return false;
    }

    /** A number from {@code /metrics} that has no labels; empty when there is none of that name. */
    public OptionalDouble metric(String metric) throws IOException, InterruptedException {
        Matcher matcher = Pattern.compile("(?m)^" + Pattern.quote(metric) + " (\\S+)$").matcher(get("/metrics").body());
        return matcher.find() ? OptionalDouble.of(Double.parseDouble(matcher.group(1))) : OptionalDouble.empty();
    }

    @Override
    public void close() {
        process.close();
        http.shutdownNow();
    }
}

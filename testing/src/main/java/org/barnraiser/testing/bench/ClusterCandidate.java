package org.barnraiser.testing.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.barnraiser.coordinator.bench.LoadResult;
import org.barnraiser.coordinator.bench.LoadRun;
import org.barnraiser.coordinator.bench.Scenario;
import org.barnraiser.coordinator.bench.StreamingClient;
import org.barnraiser.testing.cluster.RunningBarn;
import org.barnraiser.testing.cluster.TestCluster;
import org.barnraiser.testing.cluster.TestClusterSettings;

/** Barnraiser with some workers on this machine, one thread each; over emulated links where they are wanted. */
final class ClusterCandidate implements Candidate {
    private static final Duration START_PATIENCE = Duration.ofMinutes(5);
    private static final String WORKER_MEMORY = "4G";

    private final int workers;
    private final Path data;
    private final AutoCloseable cluster;
    private final List<Long> pids;
    private final StreamingClient client;
    private final LoadRun loads;

    private ClusterCandidate(int workers, Path data, AutoCloseable cluster, URI url, JsonNode told)
            throws IOException, InterruptedException {
        this.workers = workers;
        this.data = data;
        this.cluster = cluster;
        pids = told.path("plan").path("pipelines").path(0).path("stages").findValues("pid").stream()
                .map(JsonNode::asLong).toList();
        client = new StreamingClient(url, START_PATIENCE);
        loads = new LoadRun(client, client.firstModel());
        loads.warmUp();
    }

    /**
     * Blocks until it answers.
     *
     * @param slots answers at the same time
     * @param options more options of the coordinator
     */
    static ClusterCandidate start(int workers, Path model, int contextTokens, int slots, List<String> options,
            Optional<Emulation> links) throws Exception {
        Path data = Files.createTempDirectory("barnraiser-bench");
        if (links.isEmpty()) {
            RunningBarn.Settings settings = RunningBarn.Settings.demo(workers, data).withModel(model).withOptions(
                    all(options, "--context", Integer.toString(contextTokens), "--slots", Integer.toString(slots)));
            // As users start it.
            RunningBarn barn = RunningBarn.start(settings, Map.of()).awaitReady(START_PATIENCE);
            return new ClusterCandidate(workers, data, barn, barn.url(), barn.cluster());
        }
        TestCluster cluster = TestClusterSettings.demo(data, workers).withModel(model).withSlots(slots)
                .withContextTokens(contextTokens).withWorkerMemory(WORKER_MEMORY)
                .withCoordinatorOptions(all(options, "--stages", Integer.toString(workers))).forMeasuring().start();
        cluster.workers().forEach(worker -> links.get().applyTo(worker.link()));
        cluster.awaitReady(START_PATIENCE);
        return new ClusterCandidate(workers, data, cluster, cluster.coordinator().url(),
                cluster.coordinator().cluster());
    }

    private static String[] all(List<String> some, String... others) {
        return Stream.concat(some.stream(), Arrays.stream(others)).toArray(String[]::new);
    }

    @Override
    public String name() {
        return "Barnraiser, workers: " + workers;
    }

    @Override
    public boolean serves(Scenario load) {
        return true;
    }

    @Override
    public LoadResult run(Scenario load) throws IOException, InterruptedException {
        return loads.run(load);
    }

    @Override
    public int hops() {
        return workers + 1;
    }

    @Override
    public List<Long> pids() {
        return pids;
    }

    @Override
    public void close() throws IOException {
        client.close();
        try {
            cluster.close();
        } catch (Exception e) {
            throw new IOException("could not stop: " + e.getMessage(), e);
        }
        MoreFiles.deleteRecursively(data, RecursiveDeleteOption.ALLOW_INSECURE);
    }
}

package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import org.barnraiser.coordinator.cluster.ClusterException;
import org.barnraiser.testing.FreePort;
import org.barnraiser.testing.faults.FaultProxy;

/**
 * Coordinators and workers in processes of their own and a ZooKeeper, all on this machine, with a {@link FaultProxy} on every link to a
 * worker or to ZooKeeper. Closing it ends everything.
 */
public final class TestCluster implements AutoCloseable {
    private static final int WORKER_HEAP_MEGABYTES = 128;
    private static final int COORDINATOR_HEAP_MEGABYTES = 256;
    private static final long POLL_MILLIS = 20;

    private final TestClusterSettings settings;
    private final RestartableZooKeeper zooKeeper;
    private final List<TestCoordinator> coordinators = new ArrayList<>();
    private final List<TestWorker> workers = new ArrayList<>();

    private TestCluster(TestClusterSettings settings, RestartableZooKeeper zooKeeper) {
        this.settings = settings;
        this.zooKeeper = zooKeeper;
    }

    /** Starts all processes; returns at once, {@link #awaitReady} waits. */
    static TestCluster start(TestClusterSettings settings) throws IOException, ClusterException {
        Files.createDirectories(settings.folder());
        TestCluster cluster = new TestCluster(settings,
                RestartableZooKeeper.start(settings.folder().resolve("zookeeper")));
        try {
            for (int number = 0; number < settings.workers(); number++) {
                cluster.addWorker();
            }
            for (int number = 0; number < settings.coordinators(); number++) {
                cluster.addCoordinator();
            }
            return cluster;
        } catch (IOException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** Starts one more worker. */
    public TestWorker addWorker() throws IOException {
        String name = "w" + (workers.size() + 1);
        FaultProxy way = zooKeeper.way();
        int port = FreePort.take();
        FaultProxy link = FaultProxy.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        List<String> arguments = new ArrayList<>(List.of("--zookeeper", way.address(), "--listen", "127.0.0.1:" + port,
                "--advertise", link.address(), "--name", name, "--data", folder(name).toString(), "--threads", "1",
                "--memory", settings.workerMemory()));
        arguments.addAll(settings.workerOptions());
        TestWorker worker = new TestWorker(name, new ClusterProcess(SharedClasses.WORKER, arguments,
                WORKER_HEAP_MEGABYTES, settings.quickStart(), log(name)), link, way);
        workers.add(worker);
        worker.start();
        return worker;
    }

    /** Starts one more coordinator. */
    public void addCoordinator() throws IOException {
        String name = "c" + (coordinators.size() + 1);
        FaultProxy way = zooKeeper.way();
        int port = FreePort.take();
        List<String> arguments = new ArrayList<>(List.of("coordinator", "--zookeeper", way.address(), "--model",
                settings.model().toString(), "--port", Integer.toString(port), "--data", folder(name).toString(),
                "--slots", Integer.toString(settings.slots()), "--min-workers",
                Integer.toString(settings.workers())));
        if (settings.contextTokens() > 0) {
            arguments.addAll(List.of("--context", Integer.toString(settings.contextTokens())));
        }
        arguments.addAll(settings.coordinatorOptions());
        TestCoordinator coordinator = new TestCoordinator(name, URI.create("http://127.0.0.1:" + port),
                new ClusterProcess(SharedClasses.COORDINATOR, arguments, COORDINATOR_HEAP_MEGABYTES,
                        settings.quickStart(), log(name)),
                way);
        coordinators.add(coordinator);
        coordinator.start();
    }

    private Path folder(String name) throws IOException {
        return Files.createDirectories(settings.folder().resolve(name));
    }

    private Path log(String name) throws IOException {
        return Files.createDirectories(settings.logs()).resolve(name + ".log");
    }

    public List<TestWorker> workers() {
        return List.copyOf(workers);
    }

    public TestWorker worker(String name) {
        return workers.stream().filter(worker -> worker.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no worker " + name));
    }

    public List<TestCoordinator> coordinators() {
        return List.copyOf(coordinators);
    }

    /** The first coordinator. */
    public TestCoordinator coordinator() {
        return coordinators.getFirst();
    }

    /** The coordinator that leads, as those that are alive say themselves; empty while none does. */
    public Optional<TestCoordinator> leader() throws InterruptedException {
        for (TestCoordinator coordinator : coordinators) {
            try {
                if (coordinator.isAlive() && coordinator.leads()) {
                    return Optional.of(coordinator);
                }
            } catch (IOException _) {
                // It does not answer, so it does not lead.
            }
        }
        return Optional.empty();
    }

    /** The workers of the pipeline, head first, as the first coordinator shows them; empty while there is none. */
    public List<TestWorker> stages() throws IOException, InterruptedException {
        List<TestWorker> stages = new ArrayList<>();
        for (JsonNode stage : coordinator().cluster().path("plan").path("pipelines").path(0).path("stages")) {
            stages.add(worker(stage.path("worker").asText()));
        }
        return stages;
    }

    /** The worker that runs a stage; {@code Position.TAIL} finds the last one. */
    public TestWorker stage(Position position) throws IOException, InterruptedException {
        List<TestWorker> stages = stages();
        return switch (position) {
            case HEAD -> stages.getFirst();
            case MIDDLE -> stages.get(stages.size() / 2);
            case TAIL -> stages.getLast();
        };
    }

    /** Where in a pipeline. */
    public enum Position {
        HEAD, MIDDLE, TAIL
    }

    public long epoch() throws IOException, InterruptedException {
        return coordinator().cluster().path("plan").path("epoch").asLong();
    }

    /** What a stand-by says that it is ready for; empty while none is. */
    public Optional<String> standbyNote() throws IOException, InterruptedException {
        for (JsonNode worker : coordinator().cluster().path("workers")) {
            String note = worker.path("note").asText();
            if (worker.path("state").asText().equals("stand-by") && note.startsWith("Ready")) {
                return Optional.of(note);
            }
        }
        return Optional.empty();
    }

    public int znodes() throws Exception {
        return zooKeeper.znodes();
    }

    /** ZooKeeper goes away until {@link #startZooKeeper()}. */
    public void stopZooKeeper() {
        zooKeeper.stop();
    }

    /** ZooKeeper comes back with its data. */
    public void startZooKeeper() throws ClusterException {
        zooKeeper.startAgain();
    }

    /** Whatever was done to workers and their links is undone: dead ones are started. */
    public void recover() throws IOException {
        for (TestWorker worker : workers) {
            worker.recover();
        }
        for (TestCoordinator coordinator : coordinators) {
            coordinator.recover();
        }
    }

    /** Waits until every coordinator is ready. */
    public TestCluster awaitReady(Duration patience) throws Exception {
        await("every coordinator is ready", patience, () -> {
            for (TestCoordinator coordinator : coordinators) {
                if (!coordinator.isReady()) {
                    return false;
                }
            }
            return true;
        });
        return this;
    }

    /** Waits for something to become true, asking often; fails with all logs' place when it does not. */
    public void await(String what, Duration patience, Callable<Boolean> condition) throws Exception {
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadlineNanos) {
                throw new TimeoutException("Not within " + patience.toSeconds() + " s: " + what + ". Logs are in "
                        + settings.logs() + "; the cluster says " + describe());
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private String describe() throws InterruptedException {
        try {
            return coordinator().cluster().toString();
        } catch (IOException e) {
            return "nothing (" + e + ")";
        }
    }

    @Override
    public void close() throws IOException {
        coordinators.forEach(TestCoordinator::close);
        for (TestWorker worker : workers) {
            worker.close();
        }
        zooKeeper.close();
    }
}

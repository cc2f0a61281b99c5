package org.barnraiser.coordinator.cluster;

import com.google.common.primitives.ImmutableIntArray;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.TestingServer;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.weights.WeightsService;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.manners.Courtesy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A real ZooKeeper, scripted workers on real ports, and coordinators of a plain model of four layers. */
final class TestCluster implements AutoCloseable {
    static final long PLENTY = 100 * PlainShardSource.LAYER_BYTES;

    /** Short where a test would wait, generous where a loaded machine would fail. */
    private static final ClusterTimings TIMINGS = new ClusterTimings(Duration.ofMillis(20), Duration.ofMinutes(5),
            Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(20),
            Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofMillis(100), Duration.ofMinutes(1),
            Duration.ofSeconds(2), Duration.ofMinutes(5), Duration.ofMillis(200));

    private final Resources resources = new Resources();
    /** The ZooKeeper of its own, where it was not given one. */
    private final Optional<TestingServer> server;
    private final String connectString;
    private final CuratorFramework zooKeeper;
    /** For the pulses of all workers. */
    private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();

    /** Of the coordinators here; time stands still for it, so that there is never quiet once a step has gone. */
    final Courtesy courtesy = new Courtesy(() -> 0);

    /** With a ZooKeeper of its own. */
    static TestCluster start() {
        try {
            TestingServer own = new TestingServer();
            return new TestCluster(Optional.of(own), own.getConnectString());
        } catch (Exception e) {
            throw new IllegalStateException("ZooKeeper does not start here", e);
        }
    }

    /** With a ZooKeeper that the caller runs. */
    TestCluster(String connectString) throws Exception {
        this(Optional.empty(), connectString);
    }

    private TestCluster(Optional<TestingServer> server, String connectString) throws Exception {
        this.server = server;
        this.connectString = connectString;
        resources.add(heart::shutdownNow);
        server.ifPresent(resources::add);
        zooKeeper = resources.add(ZooKeeperConnection.open(connectString)).client();
    }

    TestingServer server() {
        return server.orElseThrow();
    }

    CuratorFramework zooKeeper() {
        return zooKeeper;
    }

    /** One thread, as long as the cluster lasts. */
    ScheduledExecutorService clock() {
        return heart;
    }

    ScriptedWorker worker(String id) throws Exception {
        return worker(id, PLENTY, EngineAbi.ENGINE_ABI_V0_5);
    }

    /** Runs but is not registered. */
    ScriptedWorker worker(String id, long usableMemoryBytes, EngineAbi abi) throws Exception {
        return resources.add(new ScriptedWorker(zooKeeper, id, usableMemoryBytes, abi, heart));
    }

    /** One of several; wants both workers of a test. */
    TestCoordinator oneOfSeveral() throws Exception {
        return resources
                .add(new TestCoordinator(connectString, TestCoordinator.config().withMinWorkers(2)));
    }

    ClusterModel coordinator(int minWorkers) throws Exception {
        return coordinator(minWorkers, TIMINGS).model();
    }

    ClusterMember coordinator(int minWorkers, ClusterTimings timings) throws Exception {
        return coordinator(minWorkers, timings,
                resources.add(ZooKeeperConnection.open(connectString)).client());
    }

    ClusterMember coordinator(int minWorkers, ClusterTimings timings, CuratorFramework own) throws Exception {
        return coordinator(minWorkers, minWorkers, timings, own);
    }

    /** A coordinator of one worker, whose pipeline is driven like this. */
    ClusterModel coordinator(PipelineSettings settings) throws Exception {
        return coordinator(config(1, 1, TIMINGS).withPipeline(settings),
                resources.add(ZooKeeperConnection.open(connectString)).client()).model();
    }

    /** A coordinator that wants so many stages. */
    ClusterMember coordinator(int minWorkers, int stages, ClusterTimings timings) throws Exception {
        return coordinator(minWorkers, stages, timings,
                resources.add(ZooKeeperConnection.open(connectString)).client());
    }

    /** A coordinator that hosts the model so many times; wants so many workers first. */
    ClusterMember replicas(int pipelines, int stages, int minWorkers) throws Exception {
        return coordinator(config(minWorkers, stages, TIMINGS).withPipelines(pipelines),
                resources.add(ZooKeeperConnection.open(connectString)).client());
    }

    private ClusterMember coordinator(int minWorkers, int stages, ClusterTimings timings, CuratorFramework own)
            throws Exception {
        return coordinator(config(minWorkers, stages, timings), own);
    }

    private CoordinatorConfig config(int minWorkers, int stages, ClusterTimings timings) {
        return CoordinatorConfig.of(connectString, Path.of("unused"), Path.of("unused")).withMinWorkers(minWorkers)
                .withStages(stages).withTimings(timings);
    }

    private ClusterMember coordinator(CoordinatorConfig config, CuratorFramework own) throws Exception {
        return resources.add(
                ClusterMember.join(own, List.of(OpenModel.of(new PlainShardSource(4))), config, "127.0.0.1:1",
                        resources.add(new WeightsService(OptionalLong.empty(), courtesy)), courtesy, Links.PLAIN));
    }

    /** A session that is given up two seconds after its client has gone silent. */
    CuratorFramework shortSession() throws Exception {
        return resources
                .add(ZooKeeperConnection.open(connectString, Links.PLAIN,
                        Duration.ofSeconds(2)))
                .client();
    }

    /** Blocks until the model is ready on these machines, head first. */
    static void awaitOn(ClusterModel model, String... workers) {
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            assertThat(workersOf(model)).containsExactly(workers);
            assertThat(model.readiness()).isInstanceOf(Readiness.Ready.class);
        });
    }

    /** Who runs the stages, head first. */
    static List<String> workersOf(ClusterModel model) {
        return model.clusterStatus().plan().pipelines().stream().flatMap(pipeline -> pipeline.stages().stream())
                .map(ClusterStatus.Stage::worker).toList();
    }

    static ClusterTimings timings() {
        return TIMINGS;
    }

    static void awaitReady(ClusterModel model) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(model.readiness()).isInstanceOf(Readiness.Ready.class));
    }

    static void awaitReason(ClusterModel model, String part) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(model.readiness())
                .isInstanceOfSatisfying(Readiness.NotReady.class, not -> assertThat(not.reason()).contains(part)));
    }

    /** What a generation said, in order. */
    static final class Answer implements GenerationListener {
        private final BlockingQueue<Integer> tokens = new LinkedBlockingQueue<>();
        private final BlockingQueue<GenerationEnd> ends = new LinkedBlockingQueue<>();

        static Answer of(ClusterModel model, int maxTokens) throws ModelUnavailableException {
            Answer answer = new Answer();
            var _ = model.generate(new GenerationRequest(ImmutableIntArray.of(7, 8, 9), maxTokens,
                    SamplingParameters.getDefaultInstance()), answer);
            return answer;
        }

        @Override
        public void onPromptReused(int promptTokens) {}

        @Override
        public void onToken(SampledToken token) {
            tokens.add(token.getToken());
        }

        @Override
        public void onEnd(GenerationEnd end) {
            ends.add(end);
        }

        BlockingQueue<Integer> tokens() {
            return tokens;
        }

        GenerationEnd end() {
            await().atMost(Duration.ofSeconds(30)).until(() -> !ends.isEmpty());
            return ends.element();
        }
    }

    @Override
    public void close() {
        resources.close();
    }
}

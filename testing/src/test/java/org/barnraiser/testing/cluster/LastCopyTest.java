package org.barnraiser.testing.cluster;

import com.google.common.collect.ImmutableSet;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.barnraiser.coordinator.cluster.CoordinatorConfig;
import org.barnraiser.coordinator.cluster.CoordinatorNode;
import org.barnraiser.coordinator.cluster.EmbeddedZooKeeper;
import org.barnraiser.coordinator.cluster.WeightsSettings;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.testing.models.Family;
import org.barnraiser.testing.models.ModelSize;
import org.barnraiser.testing.models.RandomModel;
import org.barnraiser.trust.Links;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.node.EngineSettings;
import org.barnraiser.worker.node.WorkerNode;
import org.barnraiser.worker.node.WorkerSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A worker whose disk holds one model and a half, and two models that are hosted one after the other. */
class LastCopyTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    private EmbeddedZooKeeper zooKeeper;
    private Path old;
    private Path young;
    private long quotaBytes;

    @BeforeEach
    void start() throws Exception {
        old = randomModel("old", 1);
        young = randomModel("young", 2);
        quotaBytes = Files.size(young) * 3 / 2;
        zooKeeper = EmbeddedZooKeeper.start(folder.resolve("zookeeper"));
    }

    @AfterEach
    void stop() {
        zooKeeper.close();
    }

    @Test
    void the_last_copy_of_a_model_that_is_not_hosted_any_more_stays_until_it_is_given_up() throws Exception {
        String digest = hostTheOldOne();
        Set<String> kept = shards();
        assertThat(kept).isNotEmpty();
        Files.delete(old);
        try (WorkerNode _ = worker()) {
            try (CoordinatorNode host = CoordinatorNode.start(config(young))) {
                await("the worker says why it has no room").atMost(PATIENCE)
                        .until(() -> reason(host).contains("kept as last copies, of model " + digest));
                assertThat(shards()).containsAll(kept);
            }
            try (CoordinatorNode host = CoordinatorNode.start(config(young).withWeights(
                    new WeightsSettings(2, OptionalLong.empty(), ImmutableSet.of(digest))))) {
                await("the old model has made room").atMost(PATIENCE).until(() -> isReady(host));
                assertThat(shards()).doesNotContainAnyElementsOf(kept);
            }
        }
    }

    @Test
    void a_model_whose_file_is_still_with_the_coordinator_makes_room_for_the_next() throws Exception {
        String _ = hostTheOldOne();
        Set<String> before = shards();
        try (WorkerNode _ = worker(); CoordinatorNode host = CoordinatorNode.start(config(young))) {
            await("the young model is ready").atMost(PATIENCE).until(() -> isReady(host));
            assertThat(shards()).doesNotContainAnyElementsOf(before);
        }
    }

    /** Until it answers; returns its digest. */
    private String hostTheOldOne() throws Exception {
        try (WorkerNode _ = worker(); CoordinatorNode host = CoordinatorNode.start(config(old))) {
            await("the old model is ready").atMost(PATIENCE).until(() -> isReady(host));
            return host.models().all().getFirst().description().digest();
        }
    }

    private Path randomModel(String name, int seed) throws Exception {
        Path file = folder.resolve(name + ".gguf");
        new RandomModel(Family.LLAMA.shape(ModelSize.tiny()), GgmlType.F32, seed).write(file,
                LlamaLibrary.open(Optional.empty()).types());
        return file;
    }

    private WorkerNode worker() throws Exception {
        return WorkerNode.start(new WorkerSettings(zooKeeper.connectString(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Optional.empty(), false,
                512L << 20, quotaBytes, EngineSettings.bundled(), 1, Files.createDirectories(folder.resolve("worker")),
                "attic", Map.of(), Optional.empty(), OptionalLong.empty()), Optional.empty(), Links.PLAIN);
    }

    private CoordinatorConfig config(Path model) {
        return CoordinatorConfig.of(zooKeeper.connectString(), model, folder.resolve("coordinator"));
    }

    private static boolean isReady(CoordinatorNode host) {
        return host.model().readiness() instanceof Readiness.Ready;
    }

    private static String reason(CoordinatorNode host) {
        return host.model().readiness() instanceof Readiness.NotReady(String why, _, _) ? why : "";
    }

    private Set<String> shards() throws Exception {
        try (Stream<Path> files = Files.walk(folder.resolve("worker"))) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".shard"))
                    .collect(Collectors.toSet());
        }
    }
}

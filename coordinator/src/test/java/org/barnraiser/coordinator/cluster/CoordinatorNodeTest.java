package org.barnraiser.coordinator.cluster;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.net.HostAndPort;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.curator.framework.CuratorFramework;
import org.barnraiser.coordinator.gguf.TinyModel;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.ReadRequest;
import org.barnraiser.proto.WeightsGrpc;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

class CoordinatorNodeTest {
    private static final ClusterTimings TIMINGS = TestCluster.timings();

    @TempDir
    Path data;

    private final Resources resources = new Resources();
    private EmbeddedZooKeeper server;

    @BeforeEach
    void start() throws Exception {
        server = resources.add(EmbeddedZooKeeper.start(data));
    }

    @AfterEach
    void stop() {
        resources.close();
    }

    @Test
    void a_real_model_is_sliced_over_the_workers_and_its_weights_are_served() throws Exception {
        ScriptedWorker w1 = worker("w1");
        ScriptedWorker w2 = worker("w2");
        Path file = TinyModel.of("llama", 4).writeTo(data.resolve("Tiny.gguf"));
        CoordinatorNode node = resources.add(CoordinatorNode.start(config(file).withMinWorkers(2).withStages(2)));
        await().atMost(Duration.ofSeconds(30)).until(() -> node.model().readiness() instanceof Readiness.Ready);

        ModelDescription model = node.model().description();
        assertThat(model.architecture()).isEqualTo("llama");
        assertThat(model.digest()).matches("[0-9a-f]{64}");
        LoadShardRequest head = w1.control().loads().getFirst();
        LoadShardRequest tail = w2.control().loads().getFirst();
        assertThat(head.getShard().getLayers().getLast()).isEqualTo(tail.getShard().getLayers().getFirst());
        assertThat(tail.getShard().getLayers().getLast()).isEqualTo(4);
        assertThat(head.getShard().getModelDigest()).isEqualTo(model.digest());
        assertThat(head.getContextTokens()).isEqualTo(model.contextTokens());
        assertThat(head.getWeightsAddress()).isEqualTo(node.grpcAddress());
        Piece embedding = head.getShard().getEmbedding().getPiece();
        assertThat(sha256From(node.grpcAddress(), model.digest(), embedding)).isEqualTo(embedding.getSha256());
    }

    private static String sha256From(String address, String modelDigest, Piece piece) {
        ManagedChannel channel = NettyChannelBuilder.forTarget("dns:///" + address).usePlaintext().build();
        try {
            Hasher hasher = Hashing.sha256().newHasher();
            WeightsGrpc.newBlockingStub(channel)
                    .read(ReadRequest.newBuilder().setModelDigest(modelDigest).setPiece(piece).build())
                    .forEachRemaining(chunk -> hasher.putBytes(chunk.getData().toByteArray()));
            return hasher.hash().toString();
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void a_file_that_is_no_model_is_refused_by_name() throws Exception {
        Path file = Files.writeString(data.resolve("no-model.gguf"), "hello");
        assertThatThrownBy(() -> CoordinatorNode.start(config(file))).isInstanceOf(ClusterException.class)
                .hasMessageContaining("no-model.gguf");
    }

    @Test
    void an_address_that_workers_cannot_use_is_refused() throws Exception {
        Path file = TinyModel.of("llama", 2).writeTo(data.resolve("tiny.gguf"));
        CoordinatorConfig everywhere = config(file).withListen(HostAndPort.fromParts("0.0.0.0", 0));
        assertThatThrownBy(() -> CoordinatorNode.start(everywhere)).isInstanceOf(ClusterException.class)
                .hasMessageContaining("0.0.0.0");
    }

    private CoordinatorConfig config(Path model) {
        return CoordinatorConfig.of(server.connectString(), model, data).withTimings(TIMINGS);
    }

    private ScriptedWorker worker(String id) throws Exception {
        CuratorFramework zooKeeper = resources.add(ZooKeeperConnection.open(server.connectString())).client();
        ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();
        resources.add(heart::shutdownNow);
        return resources.add(new ScriptedWorker(zooKeeper, id, TestCluster.PLENTY, EngineAbi.ENGINE_ABI_V0_5, heart))
                .register();
    }
}

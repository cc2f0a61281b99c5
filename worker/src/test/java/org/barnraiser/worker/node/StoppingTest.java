package org.barnraiser.worker.node;

import io.grpc.ManagedChannel;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.TestingServer;
import org.awaitility.Awaitility;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.UnloadRequest;
import org.barnraiser.proto.Wish;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.worker.WorkerMain;
import org.barnraiser.worker.stage.TestModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.worker.node.TestWorker.PIPELINE;
import static org.barnraiser.worker.node.TestWorker.wholeModel;

/** A worker's process that is told to stop while layers run on it. */
class StoppingTest {
    private static final long DEADLINE_SECONDS = 60;

    @TempDir
    Path data;

    private TestingServer zooKeeper;
    private ModelWeights weights;
    private Process process;
    private BufferedReader output;
    private ManagedChannel channel;

    @BeforeEach
    void load() throws Exception {
        TestModel model = TestModel.stories();
        zooKeeper = new TestingServer();
        weights = new ModelWeights(model);
        process = start("--zookeeper", zooKeeper.getConnectString(), "--name", "attic", "--memory", "1G",
                "--drain-timeout", "10m", "--exit-with-parent");
        output = process.inputReader(StandardCharsets.UTF_8);
        assertThat(output.readLine()).startsWith("Worker attic is registered at 127.0.0.1:");
        var running = new Properties();
        running.load(Files.newBufferedReader(data.resolve("workers/attic/running.properties")));
        assertThat(running.getProperty("pid")).isEqualTo(Long.toString(process.pid()));
        channel = Channels.dial(running.getProperty("address"), 1 << 20);
        control().loadShard(wholeModel(model, weights.address(), 1).build()).forEachRemaining(_ -> {});
    }

    @AfterEach
    void stop() throws Exception {
        process.destroyForcibly().waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS);
        output.close();
        channel.shutdownNow();
        weights.close();
        zooKeeper.close();
    }

    @Test
    void its_layers_move_away_first_and_then_it_is_gone() throws Exception {
        process.toHandle().destroy();
        assertThat(output.readLine()).startsWith("Worker attic leaves when its layers run elsewhere");
        Awaitility.await().atMost(Duration.ofSeconds(DEADLINE_SECONDS)).until(() -> control()
                .describe(DescribeRequest.getDefaultInstance()).getWish() == Wish.WISH_LEAVE);
        assertThat(process.isAlive()).isTrue();
        var _ = control().unload(UnloadRequest.newBuilder().setPipelineId(PIPELINE).setEpoch(1).build());
        assertEnded();
        assertThat(data.resolve("workers/attic/running.properties")).doesNotExist();
    }

    @Test
    void a_second_signal_stops_it_at_once() throws Exception {
        process.toHandle().destroy();
        assertThat(output.readLine()).contains("Another Ctrl-C stops it at once");
        process.toHandle().destroy();
        assertEnded();
    }

    @Test
    void the_end_of_its_parent_stops_it_at_once() throws Exception {
        process.getOutputStream().close();
        assertEnded();
    }

    private void assertEnded() throws InterruptedException {
        assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private WorkerControlGrpc.WorkerControlBlockingStub control() {
        return WorkerControlGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private Process start(String... options) throws IOException {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                WorkerMain.class.getName(), "--data", data.toString()));
        command.addAll(List.of(options));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }
}

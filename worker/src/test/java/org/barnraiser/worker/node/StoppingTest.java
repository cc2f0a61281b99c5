package org.barnraiser.worker.node;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.curator.test.TestingServer;
import org.awaitility.Awaitility;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.UnloadRequest;
import org.barnraiser.proto.Wish;
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
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    @TempDir
    Path data;

    private TestingServer zooKeeper;
    private ModelWeights weights;
    private WorkerProcess worker;

    @BeforeEach
    void load() throws Exception {
        TestModel model = TestModel.stories();
        zooKeeper = new TestingServer();
        weights = new ModelWeights(model);
        worker = new WorkerProcess(zooKeeper.getConnectString(), data, "attic", "--drain-timeout", "10m");
        worker.control().loadShard(wholeModel(model, weights.address(), 1).build()).forEachRemaining(_ -> {});
    }

    @AfterEach
    void stop() throws Exception {
        worker.close();
        weights.close();
        zooKeeper.close();
    }

    @Test
    void its_layers_move_away_first_and_then_it_is_gone() throws Exception {
        worker.terminate();
        assertThat(worker.output.readLine()).startsWith("Worker attic leaves when its layers run elsewhere");
        Awaitility.await().atMost(DEADLINE).until(() -> worker.control()
                .describe(DescribeRequest.getDefaultInstance()).getWish() == Wish.WISH_LEAVE);
        assertThat(worker.process.isAlive()).isTrue();
        var _ = worker.control().unload(UnloadRequest.newBuilder().setPipelineId(PIPELINE).setEpoch(1).build());
        worker.assertEnded();
        assertThat(worker.runningFile).doesNotExist();
    }

    @Test
    void a_second_signal_stops_it_at_once() throws Exception {
        worker.terminate();
        assertThat(worker.output.readLine()).contains("Another Ctrl-C stops it at once");
        worker.terminate();
        worker.assertEnded();
    }

    @Test
    void the_end_of_its_parent_stops_it_at_once() throws Exception {
        worker.process.getOutputStream().close();
        worker.assertEnded();
    }
}

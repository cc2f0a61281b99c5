package org.barnraiser.worker.node;

import io.grpc.Status.Code;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.LoadProgress;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.UnloadRequest;
import org.barnraiser.worker.stage.TestModel;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.worker.node.TestWorker.PIPELINE;
import static org.barnraiser.worker.node.TestWorker.head;
import static org.barnraiser.worker.node.TestWorker.tail;
import static org.barnraiser.worker.node.TestWorker.wholeModel;
import static org.barnraiser.worker.stage.Steps.add;
import static org.barnraiser.worker.stage.Steps.step;

/** What belongs to an epoch that is over does nothing. */
class FencingTest extends WorkerCase {
    @Test
    void older_epochs_are_fenced_everywhere() {
        worker.load(wholeModel(model, weights.address(), 5).build());
        var link = open(worker, 5, 0);
        assertThat(codeOf(() -> worker.load(wholeModel(model, weights.address(), 4).build())))
                .isEqualTo(Code.FAILED_PRECONDITION);
        assertThat(new Link(worker, 4, 0).status.awaitEnd().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
        assertThat(results(worker, 4).awaitEnd().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
        assertThat(codeOf(() -> worker.control()
                .unload(UnloadRequest.newBuilder().setPipelineId(PIPELINE).setEpoch(4).build())))
                .isEqualTo(Code.FAILED_PRECONDITION);
        link.send(add(step(1).setEpoch(4), 0, 0, Wanted.NOTHING, 5));
        assertThat(link.status.awaitEnd().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
        assertThat(new Link(worker, 6, 0).status.awaitEnd().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
    }

    @Test
    void an_epoch_that_is_over_stays_over_after_its_stage_was_unloaded() {
        worker.load(wholeModel(model, weights.address(), 5).build());
        assertThat(worker.control()
                .unload(UnloadRequest.newBuilder().setPipelineId(PIPELINE).setEpoch(5).build()).getUnloaded()).isTrue();
        assertThat(codeOf(() -> worker.load(wholeModel(model, weights.address(), 4).build())))
                .isEqualTo(Code.FAILED_PRECONDITION);
    }

    @Test
    void an_epoch_that_has_begun_elsewhere_takes_no_new_link_of_the_older() throws Exception {
        worker.load(wholeModel(model, weights.address(), 1).build());
        TestModel demo = TestModel.demo();
        try (var slow = new ModelWeights(demo)) {
            slow.stalls = true;
            worker.asyncControl().loadShard(wholeModel(demo, slow.address(), 2).build(),
                    new Received<LoadProgress>());
            assertThat(slow.stalled.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(new Link(worker, 1, 0).status.awaitEnd().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
            assertThat(results(worker, 1).awaitEnd().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
        }
    }

    @Test
    void steps_and_results_that_wait_when_an_epoch_ends_are_never_heard_of() {
        worker.load(wholeModel(model, weights.address(), 1).build());
        var old = open(worker, 1, 0);
        for (int i = 0; i < 14; i++) {
            old.send(add(step(i + 1), 0, 8 * i, Wanted.NOTHING, 1, 2, 3, 4, 5, 6, 7, 8));
        }
        worker.load(wholeModel(model, weights.address(), 2).build());
        var results = results(worker, 2);
        open(worker, 2, 0).send(add(step(1).setEpoch(2), 0, 0, Wanted.NOTHING, 5));
        assertThat(results.first().getEpoch()).isEqualTo(2);
        assertThat(results.messages.getFirst().hasFailure()).as("the cache was empty").isFalse();
        assertThat(results.messages).hasSize(1);
        assertThat(old.status.awaitEnd().getCode()).isEqualTo(Code.ABORTED);
    }

    @Test
    void a_next_stage_that_answers_nothing_holds_nothing_up_once_the_plan_has_moved_on() throws Exception {
        try (var blackHole = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var second = new TestWorker(zooKeeper.getConnectString(), data, "two", PLENTY)) {
            worker.load(head(model, weights.address(), 1, "127.0.0.1:" + blackHole.getLocalPort()).build());
            var stuck = new Link(worker, 1, 0);
            stuck.send(add(step(1), 0, 0, Wanted.NOTHING, 5)); // its engine waits for the next stage, for a minute
            second.load(tail(model, weights.address(), 2).build());
            worker.load(head(model, weights.address(), 2, second.node.address()).build());
            var results = results(second, 2);
            open(worker, 2, 0).send(add(step(1).setEpoch(2), 0, 0, Wanted.NOTHING, 5));
            assertThat(results.first().hasFailure()).isFalse();

            worker.load(head(model, weights.address(), 3, "127.0.0.1:" + blackHole.getLocalPort()).build());
            new Link(worker, 3, 0).send(add(step(1).setEpoch(3), 0, 0, Wanted.NOTHING, 5));
            assertThat(worker.control().withDeadlineAfter(30, TimeUnit.SECONDS)
                    .unload(UnloadRequest.newBuilder().setPipelineId(PIPELINE).setEpoch(3).build()).getUnloaded())
                    .isTrue();
        }
    }
}

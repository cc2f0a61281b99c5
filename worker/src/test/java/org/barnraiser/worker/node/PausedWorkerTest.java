package org.barnraiser.worker.node;

import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import org.barnraiser.proto.LinkOpen;
import org.barnraiser.proto.LinkStatus;
import org.barnraiser.proto.LoadProgress;
import org.barnraiser.proto.LoadProgress.Phase;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.StepMessage;
import org.barnraiser.proto.StepResult;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.worker.node.TestWorker.PIPELINE;
import static org.barnraiser.worker.node.TestWorker.head;
import static org.barnraiser.worker.node.TestWorker.tail;
import static org.barnraiser.worker.stage.Steps.add;
import static org.barnraiser.worker.stage.Steps.step;

/** A machine that was asleep while the plan moved on. */
class PausedWorkerTest extends WorkerCase {

    @Test
    void a_worker_that_comes_back_after_a_long_pause_does_no_harm_and_can_be_used_again() throws Exception {
        worker.load(tail(model, weights.address(), 1).build());
        try (var paused = new WorkerProcess(zooKeeper.getConnectString(), data, "asleep")) {
            paused.control().loadShard(head(model, weights.address(), 1, worker.node.address()).build())
                    .forEachRemaining(_ -> {});
            var status = new Received<LinkStatus>();
            StreamObserver<StepMessage> old = paused.stage().steps(status);
            old.onNext(StepMessage.newBuilder().setOpen(LinkOpen.newBuilder().setPipelineId(PIPELINE).setEpoch(1))
                    .build());
            assertThat(status.first().getOpened()).isTrue();

            paused.signal("STOP");
            old.onNext(StepMessage.newBuilder().setStep(add(step(1), 0, 0, Wanted.NOTHING, 5, 6, 7)).build());
            worker.load(tail(model, weights.address(), 2).build());
            try (var other = new TestWorker(zooKeeper.getConnectString(), data, "two", PLENTY)) {
                other.load(head(model, weights.address(), 2, worker.node.address()).build());
                Received<StepResult> results = results(worker, 2);
                var link = open(other, 2, 0);
                link.send(add(step(1).setEpoch(2), 0, 0, Wanted.NOTHING, 9));
                assertThat(results.first().hasFailure()).isFalse();

                paused.signal("CONT");
                assertThat(status.awaitEnd().getCode()).as("the old link").isEqualTo(Code.UNAVAILABLE);
                link.send(add(step(2).setEpoch(2), 0, 1, Wanted.NOTHING, 9));
                assertThat(results.await(2)).allSatisfy(result -> {
                    assertThat(result.getEpoch()).isEqualTo(2);
                    assertThat(result.hasFailure()).isFalse();
                });
                assertThat(link.status.hasEnded()).isFalse();
            }
            var progress = paused.control()
                    .loadShard(head(model, weights.address(), 3, worker.node.address()).build());
            LoadProgress last = LoadProgress.getDefaultInstance();
            while (progress.hasNext()) {
                last = progress.next();
            }
            assertThat(last.getPhase()).isEqualTo(Phase.READY);
        }
    }
}

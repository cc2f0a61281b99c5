package org.barnraiser.worker.node;

import io.grpc.Status.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.barnraiser.proto.Beat;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.LoadShardRequest.Extent;
import org.barnraiser.proto.MachineBeat;
import org.barnraiser.proto.PulseRequest;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.StageBeat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.worker.node.TestWorker.PIPELINE;
import static org.barnraiser.worker.node.TestWorker.wholeModel;
import static org.barnraiser.worker.stage.Steps.add;
import static org.barnraiser.worker.stage.Steps.step;

/** Signs of life. */
class PulseTest extends WorkerCase {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    @Test
    void a_worker_beats_at_once_and_goes_on() {
        Received<Beat> beats = listen(50);
        assertThat(beats.await(3)).allSatisfy(beat -> {
            assertThat(beat.getIncarnationId()).isEqualTo(
                    worker.control().describe(DescribeRequest.getDefaultInstance()).getIncarnationId());
            assertThat(beat.getStagesList()).isEmpty();
        });
    }

    @Test
    void a_beat_tells_what_the_worker_takes_and_how_full_its_disk_is() {
        Received<Beat> beats = listen(50);
        beats.first();
        Awaitility.await().atMost(DEADLINE).until(() -> beats.messages.getLast().hasMachine());
        MachineBeat machine = beats.messages.getLast().getMachine();
        assertThat(machine.getDiskSizeBytes()).isGreaterThanOrEqualTo(machine.getDiskFreeBytes()).isPositive();
        if (Files.exists(Path.of("/proc/self/status"))) {
            assertThat(machine.getResidentMemoryBytes()).isGreaterThan(1 << 20);
        }
    }

    @Test
    void a_beat_tells_what_every_stage_does() {
        worker.load(wholeModel(model, weights.address(), 3).setSlots(2).setExtent(Extent.PREPARE).build());
        worker.load(wholeModel(model, weights.address(), 3).build());
        var results = results(worker, 3);
        open(worker, 3, 0).send(add(step(1).setEpoch(3), 0, 0, Wanted.NOTHING, 5));
        results.first();
        Received<Beat> beats = listen(50);
        StageBeat running = beats.first().getStages(0);
        assertThat(running.getPipelineId()).isEqualTo(PIPELINE);
        assertThat(running.getEpoch()).isEqualTo(3);
        assertThat(running.getShardId()).isEqualTo(model.spec(true, true).getShardId());
        assertThat(running.getNextLinkOpen()).isTrue();
        Awaitility.await().atMost(DEADLINE)
                .until(() -> beats.messages.getLast().getStages(0).getStepsTotal() == 1
                        && beats.messages.getLast().getStages(0).getBusyMillis() == 0);
        StageBeat prepared = beats.first().getStages(1);
        assertThat(prepared.getPipelineId()).isEmpty();
        assertThat(prepared.getEpoch()).isZero();
    }

    @Test
    void a_head_tells_whether_the_next_stage_has_accepted() throws Exception {
        try (var second = new TestWorker(zooKeeper.getConnectString(), data, "two", PLENTY)) {
            second.load(TestWorker.tail(model, weights.address(), 1).build());
            worker.load(TestWorker.head(model, weights.address(), 1, second.node.address()).build());
            Received<Beat> beats = listen(50);
            assertThat(beats.first().getStages(0).getNextLinkOpen()).isFalse();
            open(worker, 1, 0);
            Awaitility.await().atMost(DEADLINE)
                    .until(() -> beats.messages.getLast().getStages(0).getNextLinkOpen());
            second.node.close();
            Awaitility.await().atMost(DEADLINE)
                    .until(() -> !beats.messages.getLast().getStages(0).getNextLinkOpen());
        }
    }

    @Test
    void an_engine_that_computes_for_long_is_seen_in_the_beats() throws Exception {
        var activity = new StageActivity();
        var begun = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        assertThat(activity.busyMillis()).isZero();
        Thread engine = Thread.ofPlatform().start(() -> activity.step(() -> {
            begun.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return 1;
        }));
        begun.await();
        Awaitility.await().atMost(DEADLINE).until(() -> activity.busyMillis() > 20);
        assertThat(activity.stepsTotal()).isZero();
        end.countDown();
        engine.join();
        assertThat(activity.busyMillis()).isZero();
        assertThat(activity.stepsTotal()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 49, 10_001, -1})
    void other_intervals_are_refused(int millis) {
        assertThat(listen(millis).awaitEnd().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
    }

    @Test
    void listeners_are_bounded_and_one_that_leaves_makes_room() {
        var calls = new ArrayList<io.grpc.Context.CancellableContext>();
        for (int i = 0; i < 64; i++) {
            var beats = new Received<Beat>();
            var call = io.grpc.Context.current().withCancellation();
            call.run(() -> worker.asyncControl().pulse(PulseRequest.newBuilder().setIntervalMillis(1000).build(),
                    beats));
            beats.first();
            calls.add(call);
        }
        assertThat(listen(1000).awaitEnd().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        calls.forEach(call -> call.cancel(null));
        Awaitility.await().atMost(DEADLINE).until(() -> {
            Received<Beat> beats = listen(1000);
            Awaitility.await().until(() -> beats.hasEnded() || !beats.messages.isEmpty());
            return !beats.messages.isEmpty();
        });
    }

    private Received<Beat> listen(int intervalMillis) {
        var beats = new Received<Beat>();
        worker.asyncControl().pulse(PulseRequest.newBuilder().setIntervalMillis(intervalMillis).build(), beats);
        return beats;
    }
}

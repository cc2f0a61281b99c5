package org.barnraiser.worker.node;

import io.grpc.Status.Code;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.LoadShardRequest.Extent;
import org.barnraiser.proto.MeasureRequest;
import org.barnraiser.proto.MeasureResponse;
import org.barnraiser.proto.ReachRequest;
import org.barnraiser.proto.ReachResponse;
import org.barnraiser.proto.Span.Wanted;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.worker.node.TestWorker.wholeModel;
import static org.barnraiser.worker.stage.Steps.add;
import static org.barnraiser.worker.stage.Steps.step;

/** How fast a stage is, and how far another worker. */
class MeasureTest extends WorkerCase {

    @Test
    void a_prepared_stage_is_measured_and_its_cache_is_empty_afterwards() {
        worker.load(prepared(wholeModel(model, weights.address(), 1)));
        MeasureResponse measured = measure();
        assertThat(measured.getDecodeMicros()).isPositive();
        assertThat(measured.getPrefillMicros()).isPositive();
        assertThat(measured.getPrefillTokens()).isEqualTo(64);

        worker.load(wholeModel(model, weights.address(), 1).build());
        var results = results(worker, 1);
        open(worker, 1, 0).send(add(step(1), 0, 0, Wanted.NOTHING, 5));
        assertThat(results.first().hasFailure()).isFalse();
    }

    @Test
    void a_head_and_a_later_stage_are_measured_too() throws Exception {
        worker.load(prepared(TestWorker.head(model, weights.address(), 1, "127.0.0.1:1")));
        assertThat(measure().getDecodeMicros()).isPositive();
        try (var second = new TestWorker(zooKeeper.getConnectString(), data, "two", PLENTY)) {
            second.load(prepared(TestWorker.tail(model, weights.address(), 1)));
            assertThat(second.control().measure(request()).getDecodeMicros()).isPositive();
        }
    }

    @Test
    void what_is_not_prepared_or_runs_is_not_measured() {
        assertThat(codeOf(this::measure)).isEqualTo(Code.FAILED_PRECONDITION);
        worker.load(wholeModel(model, weights.address(), 1).build());
        assertThat(codeOf(this::measure)).isEqualTo(Code.FAILED_PRECONDITION);
    }

    @Test
    void a_worker_says_whether_it_reaches_another() throws Exception {
        try (var second = new TestWorker(zooKeeper.getConnectString(), data, "two", PLENTY)) {
            ReachResponse reached = reach(second.node.address(), 10_000);
            assertThat(reached.getReached()).isTrue();
            assertThat(reached.getRoundTripMicros()).isPositive();
            assertThat(reached.getBytesPerSecond()).isZero();
            ReachRequest.Builder probe = ReachRequest.newBuilder().setAddress(second.node.address())
                    .setTimeoutMillis(10_000);
            assertThat(worker.control().reach(probe.clone().setProbeBytes(1 << 20).build()).getBytesPerSecond())
                    .isPositive();
            assertThat(codeOf(() -> worker.control().reach(probe.clone().setProbeBytes((1 << 20) + 1).build())))
                    .isEqualTo(Code.INVALID_ARGUMENT);
        }
        ReachResponse refused = reach("127.0.0.1:1", 10_000);
        assertThat(refused.getReached()).isFalse();
        assertThat(refused.getReason()).startsWith("127.0.0.1:1 cannot be reached");
    }

    @Test
    void a_machine_that_never_answers_is_not_reached_within_the_deadline() throws Exception {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ReachResponse response = reach("127.0.0.1:" + silent.getLocalPort(), 300);
            assertThat(response.getReached()).isFalse();
            assertThat(response.getReason()).contains("within 300 ms");
        }
    }

    @Test
    void bad_questions_are_refused() {
        assertThat(codeOf(() -> reach("nowhere", 1000))).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(codeOf(() -> reach("127.0.0.1:1", 0))).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(codeOf(() -> reach("127.0.0.1:1", 10_001))).isEqualTo(Code.INVALID_ARGUMENT);
    }

    private ReachResponse reach(String address, int timeoutMillis) {
        return worker.control()
                .reach(ReachRequest.newBuilder().setAddress(address).setTimeoutMillis(timeoutMillis).build());
    }

    private MeasureResponse measure() {
        return worker.control().measure(request());
    }

    private MeasureRequest request() {
        return MeasureRequest.newBuilder().setShardId(model.spec(true, true).getShardId()).build();
    }

    private static LoadShardRequest prepared(LoadShardRequest.Builder request) {
        return request.setExtent(Extent.PREPARE).build();
    }
}

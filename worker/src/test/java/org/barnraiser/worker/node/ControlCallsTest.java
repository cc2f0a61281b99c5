package org.barnraiser.worker.node;

import com.google.common.primitives.Ints;
import com.google.protobuf.ByteString;
import io.grpc.Status.Code;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.DetokenizeRequest;
import org.barnraiser.proto.ProbeMessage;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.worker.node.TestWorker.PIPELINE;
import static org.barnraiser.worker.node.TestWorker.wholeModel;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Questions that a worker answers. */
class ControlCallsTest extends WorkerCase {
    @Test
    void text_and_tokens_are_turned_into_each_other() {
        worker.load(wholeModel(model, weights.address(), 1).build());
        int[] tokens = tokenize("Once upon a time", true);
        assertThat(tokens[0]).isEqualTo(1);
        var pieces = worker.control().detokenize(
                DetokenizeRequest.newBuilder().setPipelineId(PIPELINE).addAllTokens(Ints.asList(tokens)).build());
        var text = ByteString.copyFrom(pieces.getPiecesList()).toString(StandardCharsets.UTF_8);
        assertThat(text.strip()).isEqualTo("Once upon a time");
        assertThat(codeOf(() -> worker.control()
                .detokenize(DetokenizeRequest.newBuilder().setPipelineId(PIPELINE).addTokens(-1).build())))
                .isEqualTo(Code.INVALID_ARGUMENT);
    }

    @Test
    void a_worker_that_only_its_own_machine_reaches_by_IPv6_is_called_there_and_keeps_no_line() throws Exception {
        InetAddress here = InetAddress.ofLiteral("::1");
        assumeTrue(NetworkInterface.getByInetAddress(here) != null, "this machine has no IPv6");
        try (TestWorker other = TestWorker.at(here, zooKeeper.getConnectString(), data, "two", PLENTY)) {
            assertThat(other.node.address()).startsWith("[").doesNotContain("+");
            assertThat(other.control().describe(DescribeRequest.getDefaultInstance()).getWorkerId()).isEqualTo("two");
        }
    }

    @Test
    void a_probe_comes_back_and_a_huge_one_is_refused() {
        var payload = ByteString.copyFrom(new byte[100_000]);
        assertThat(worker.control().probe(ProbeMessage.newBuilder().setPayload(payload).build()).getPayload())
                .isEqualTo(payload);
        assertThat(codeOf(() -> worker.control()
                .probe(ProbeMessage.newBuilder().setPayload(ByteString.copyFrom(new byte[9 << 20])).build())))
                .isEqualTo(Code.INVALID_ARGUMENT);
    }
}

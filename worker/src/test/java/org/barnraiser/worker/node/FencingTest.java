package org.barnraiser.worker.node;

import io.grpc.Status.Code;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.UnloadRequest;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.worker.node.TestWorker.PIPELINE;
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
}

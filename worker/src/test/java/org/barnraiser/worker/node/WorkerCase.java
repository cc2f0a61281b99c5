package org.barnraiser.worker.node;

import com.google.common.primitives.Ints;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import org.apache.curator.test.TestingServer;
import org.barnraiser.proto.LinkOpen;
import org.barnraiser.proto.LinkStatus;
import org.barnraiser.proto.ResultsRequest;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepMessage;
import org.barnraiser.proto.StepResult;
import org.barnraiser.proto.TokenizeRequest;
import org.barnraiser.proto.TokenizeRequest.Part;
import org.barnraiser.worker.stage.TestModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.barnraiser.worker.node.TestWorker.PIPELINE;

/** A real worker with a real model, called over real connections as a coordinator does. */
abstract class WorkerCase {
    static final long PLENTY = 1L << 30;

    @TempDir
    Path data;

    TestModel model;
    TestingServer zooKeeper;
    ModelWeights weights;
    TestWorker worker;

    @BeforeEach
    final void startWorker() throws Exception {
        model = TestModel.stories();
        zooKeeper = new TestingServer();
        weights = new ModelWeights(model);
        worker = new TestWorker(zooKeeper.getConnectString(), data, "one", PLENTY);
    }

    @AfterEach
    final void stopWorker() throws Exception {
        worker.close();
        weights.close();
        zooKeeper.close();
    }

    int[] tokenize(String text, boolean addSpecial) {
        return Ints.toArray(worker.control()
                .tokenize(TokenizeRequest.newBuilder().setPipelineId(PIPELINE).setAddSpecial(addSpecial)
                        .addParts(Part.newBuilder().setText(text)).build())
                .getTokensList());
    }

    static Received<StepResult> results(TestWorker tail, long epoch) {
        var results = new Received<StepResult>();
        tail.stage().results(ResultsRequest.newBuilder().setPipelineId(PIPELINE).setEpoch(epoch).build(), results);
        return results;
    }

    static Link open(TestWorker worker, long epoch, int index) {
        var link = new Link(worker, epoch, index);
        assertThat(link.status.first().getOpened()).isTrue();
        return link;
    }

    static Code codeOf(Runnable call) {
        return errorOf(call).getStatus().getCode();
    }

    static StatusRuntimeException errorOf(Runnable call) {
        return catchThrowableOfType(StatusRuntimeException.class, call::run);
    }

    /** A link as the stage before, or the coordinator, holds it. */
    static final class Link {
        final Received<LinkStatus> status = new Received<>();
        final StreamObserver<StepMessage> steps;

        Link(TestWorker worker, long epoch, int index) {
            this(worker, LinkOpen.newBuilder().setEpoch(epoch).setStageIndex(index));
        }

        /** Goes on for the one that is open. */
        static Link replacing(TestWorker worker, long epoch, int index) {
            return new Link(worker, LinkOpen.newBuilder().setEpoch(epoch).setStageIndex(index).setReplaces(true));
        }

        private Link(TestWorker worker, LinkOpen.Builder open) {
            steps = worker.stage().steps(status);
            steps.onNext(StepMessage.newBuilder().setOpen(open.setPipelineId(PIPELINE)).build());
        }

        void send(Step.Builder step) {
            steps.onNext(StepMessage.newBuilder().setStep(step).build());
        }
    }
}

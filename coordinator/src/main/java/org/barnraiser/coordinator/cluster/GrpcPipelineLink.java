package org.barnraiser.coordinator.cluster;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import org.barnraiser.coordinator.schedule.PipelineLink;
import org.barnraiser.proto.LinkOpen;
import org.barnraiser.proto.LinkStatus;
import org.barnraiser.proto.ResultsRequest;
import org.barnraiser.proto.StageGrpc;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepMessage;
import org.barnraiser.proto.StepResult;
import org.jspecify.annotations.Nullable;

/**
 * The way to a pipeline over gRPC: a stream of steps to the head and a stream of results from the tail. It is ready once the head
 * has accepted it, and broken as soon as either stream ends.
 */
final class GrpcPipelineLink implements PipelineLink {
    private final Listener listener;
    private final StepsCall steps;
    private final ResultsCall results;

    private GrpcPipelineLink(Listener listener) {
        this.listener = listener;
        steps = new StepsCall();
        results = new ResultsCall();
    }

    /**
     * Opens both streams; returns at once.
     *
     * @param head channel to the first stage
     * @param tail channel to the last stage
     */
    static GrpcPipelineLink open(Channel head, Channel tail, String pipelineId, long epoch, Listener listener) {
        GrpcPipelineLink link = new GrpcPipelineLink(listener);
        // Results first: the first step must find somebody who waits for what becomes of it.
        StageGrpc.newStub(tail).results(ResultsRequest.newBuilder().setPipelineId(pipelineId).setEpoch(epoch).build(),
                link.results);
        StageGrpc.newStub(head).steps(link.steps)
                .onNext(StepMessage.newBuilder()
                        .setOpen(LinkOpen.newBuilder().setPipelineId(pipelineId).setEpoch(epoch).setStageIndex(0))
                        .build());
        return link;
    }

    @Override
    public void send(Step step) {
        steps.stream().onNext(StepMessage.newBuilder().setStep(step).build());
    }

    @Override
    public boolean isReady() {
        return steps.opened && steps.stream().isReady();
    }

    @Override
    public void close() {
        steps.stream().cancel("the coordinator closes the link", null);
        results.stream().cancel("the coordinator closes the link", null);
    }

    /** What both streams share: they must not end. */
    private abstract class Call<Q, A> implements ClientResponseObserver<Q, A> {
        private final String partner;
        private @Nullable ClientCallStreamObserver<Q> stream;

        Call(String partner) {
            this.partner = partner;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<Q> requestStream) {
            stream = requestStream;
            // An unready stream becomes ready before it is used, so a change of mind is all that must be heard.
            requestStream.setOnReadyHandler(listener::onReady);
        }

        /** Set by {@link #beforeStart}, which gRPC calls before it returns the call. */
        ClientCallStreamObserver<Q> stream() {
            if (stream == null) {
                throw new IllegalStateException("the call has not been started");
            }
            return stream;
        }

        @Override
        public void onError(Throwable error) {
            Status status = Status.fromThrowable(error);
            listener.onBroken("The " + partner + " ended the pipeline: " + StatusText.of(status) + ".");
        }

        @Override
        public void onCompleted() {
            listener.onBroken("The " + partner + " ended the pipeline.");
        }
    }

    private final class StepsCall extends Call<StepMessage, LinkStatus> {
        private volatile boolean opened;

        StepsCall() {
            super("head");
        }

        @Override
        public void onNext(LinkStatus status) {
            if (status.getOpened()) {
                opened = true;
                listener.onReady();
            }
        }
    }

    private final class ResultsCall extends Call<ResultsRequest, StepResult> {
        ResultsCall() {
            super("tail");
        }

        @Override
        public void onNext(StepResult result) {
            listener.onResult(result);
        }
    }
}

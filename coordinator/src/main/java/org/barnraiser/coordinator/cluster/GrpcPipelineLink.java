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
    private final Runnable onStep;
    private final StepsCall steps;
    private final ResultsCall results;

    /**
     * One end of a pipeline.
     *
     * @param worker its name, for people
     */
    record End(String worker, Channel channel) {}

    private GrpcPipelineLink(String headWorker, String tailWorker, Runnable onStep, Listener listener) {
        this.onStep = onStep;
        this.listener = listener;
        steps = new StepsCall(headWorker);
        results = new ResultsCall(tailWorker);
    }

    /**
     * Opens both streams; returns at once.
     *
     * @param onStep is run after each step that was sent, and must not block
     */
    static GrpcPipelineLink open(End head, End tail, String pipelineId, long epoch, Runnable onStep,
            Listener listener) {
        GrpcPipelineLink link = new GrpcPipelineLink(head.worker(), tail.worker(), onStep, listener);
        // Results first: the first step must find somebody who waits for what becomes of it.
        StageGrpc.newStub(tail.channel()).results(
                ResultsRequest.newBuilder().setPipelineId(pipelineId).setEpoch(epoch).build(),
                link.results);
        StageGrpc.newStub(head.channel()).steps(link.steps)
                .onNext(StepMessage.newBuilder()
                        .setOpen(LinkOpen.newBuilder().setPipelineId(pipelineId).setEpoch(epoch).setStageIndex(0))
                        .build());
        return link;
    }

    @Override
    public void send(Step step) {
        steps.stream().onNext(StepMessage.newBuilder().setStep(step).build());
        onStep.run();
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
        private final String end;
        private @Nullable ClientCallStreamObserver<Q> stream;

        Call(String end) {
            this.end = end;
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
            listener.onBroken(StatusText.isUnreachable(status)
                    ? end + " is gone."
                    : end + " ended the pipeline: " + StatusText.of(status) + ".");
        }

        @Override
        public void onCompleted() {
            listener.onBroken(end + " ended the pipeline.");
        }
    }

    private final class StepsCall extends Call<StepMessage, LinkStatus> {
        private volatile boolean opened;

        StepsCall(String worker) {
            super("Worker " + worker + ", the head,");
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
        ResultsCall(String worker) {
            super("Worker " + worker + ", the tail,");
        }

        @Override
        public void onNext(StepResult result) {
            listener.onResult(result);
        }
    }
}

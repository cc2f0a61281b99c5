package org.barnraiser.worker.node;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.barnraiser.proto.LinkStatus;
import org.barnraiser.proto.ResultsRequest;
import org.barnraiser.proto.StageGrpc;
import org.barnraiser.proto.StepMessage;
import org.barnraiser.proto.StepResult;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.manners.Courtesy;

/** The data plane. Runs on the network's threads and never blocks. */
final class StageService extends StageGrpc.StageImplBase {
    private final StageRegistry registry;
    private final NextStageLink.Dialer dialer;
    private final Courtesy courtesy;

    /** @param courtesy hears of all steps */
    StageService(StageRegistry registry, NextStageLink.Dialer dialer, Courtesy courtesy) {
        this.courtesy = courtesy;
        this.registry = registry;
        this.dialer = dialer;
    }

    @Override
    public StreamObserver<StepMessage> steps(StreamObserver<LinkStatus> upstream) {
        return new StepReceiver((ServerCallStreamObserver<LinkStatus>) upstream, registry, dialer,
                Identity.ofCaller(), courtesy);
    }

    @Override
    public void results(ResultsRequest request, StreamObserver<StepResult> observer) {
        var call = (ServerCallStreamObserver<StepResult>) observer;
        try {
            HostedStage stage = registry.find(request.getPipelineId(), request.getEpoch());
            if (!stage.engine().spec().getTail()) {
                throw FencedException.notHere(request.getPipelineId());
            }
            stage.listen(call, request.getPipelineId(), request.getEpoch());
        } catch (FencedException e) {
            call.onError(e.status().asRuntimeException());
        }
    }
}

package org.barnraiser.worker.node;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.barnraiser.proto.LinkOpen;
import org.barnraiser.proto.LinkStatus;
import org.barnraiser.proto.StepMessage;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.manners.Courtesy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One link from the stage before: brings its steps to the stage's {@link StepFlow}. Called by the network's threads; never blocks. */
final class StepReceiver implements StreamObserver<StepMessage> {
    private static final Logger LOG = LoggerFactory.getLogger(StepReceiver.class);

    private final ServerCallStreamObserver<LinkStatus> upstream;
    private final StageRegistry registry;
    private final NextStageLink.Dialer dialer;
    /** Empty where links are plain. */
    private final Optional<Identity> caller;
    private final Courtesy courtesy;
    /** Set once, by the first message. */
    private volatile @Nullable StepFlow flow;
    /** Guarded by this, as are answers to upstream. */
    private boolean ended;

    StepReceiver(ServerCallStreamObserver<LinkStatus> upstream, StageRegistry registry, NextStageLink.Dialer dialer,
            Optional<Identity> caller, Courtesy courtesy) {
        this.caller = caller;
        this.courtesy = courtesy;
        this.upstream = upstream;
        this.registry = registry;
        this.dialer = dialer;
        upstream.disableAutoRequest();
        upstream.setOnCancelHandler(this::lost);
        // To open it; how many steps may follow is for the flow to say.
        upstream.request(1);
    }

    @Override
    public void onNext(StepMessage message) {
        StepFlow opened = flow;
        switch (message.getMessageCase()) {
            case OPEN -> {
                if (opened == null) {
                    open(message.getOpen());
                } else {
                    refuse("A link is opened once.");
                }
            }
            case STEP -> {
                if (opened == null) {
                    refuse("The first message of a link must open it.");
                } else {
                    if (message.getEcho()) {
                        tell(LinkStatus.newBuilder().setReceived(message.getStep().getNumber()).build());
                    }
                    opened.take(message.getStep());
                }
            }
            case MESSAGE_NOT_SET -> refuse("A message of the link is empty.");
        }
    }

    /** A neighbour that does not keep to the protocol cannot be followed any further. */
    private void refuse(String reason) {
        Status status = Status.INVALID_ARGUMENT.withDescription(reason);
        StepFlow opened = flow;
        if (opened == null) {
            fail(status);
        } else {
            opened.fail(status);
        }
    }

    private void open(LinkOpen open) {
        try {
            HostedStage stage = registry.find(open.getPipelineId(), open.getEpoch());
            Binding served = stage.binding().orElseThrow(() -> FencedException.notHere(open.getPipelineId()));
            int index = served.place().index();
            if (caller.isPresent() && !served.takesStepsFrom(caller.get())) {
                LOG.warn("A link to stage {} was refused: {} does not come before it in the plan.", index,
                        caller.get());
                fail(Status.PERMISSION_DENIED.withDescription(
                        "Stage " + index + " takes no steps from " + caller.get() + "."));
            } else if (open.getStageIndex() != index) {
                fail(Status.INVALID_ARGUMENT.withDescription(
                        "Stage " + open.getStageIndex() + " was called, but stage " + index + " is here."));
            } else if (open.getReplaces()) {
                replace(stage);
            } else {
                begin(new StepFlow(stage, served, this, courtesy));
            }
        } catch (FencedException e) {
            fail(e.status());
        } catch (RejectedExecutionException _) {
            fail(StepFlow.BUSY);
        }
    }

    private void begin(StepFlow begun) throws FencedException {
        flow = begun;
        begun.begin(dialer, this);
    }

    private void replace(HostedStage stage) {
        Optional<StepFlow> present = stage.flow();
        present.ifPresent(found -> flow = found);
        if (present.filter(found -> found.replaceBy(this)).isEmpty()) {
            fail(Status.FAILED_PRECONDITION.withDescription("No link is open that could be replaced."));
        }
    }

    /** Lets so many more messages come. */
    void request(int count) {
        upstream.request(count);
    }

    synchronized void tell(LinkStatus status) {
        if (!ended) {
            upstream.onNext(status);
        }
    }

    @Override
    public void onError(Throwable error) {
        lost();
    }

    private void lost() {
        synchronized (this) {
            ended = true;
        }
        StepFlow opened = flow;
        if (opened != null) {
            opened.onLost(this);
        }
    }

    @Override
    public void onCompleted() {
        synchronized (this) {
            if (!ended) {
                ended = true;
                upstream.onCompleted();
            }
        }
        StepFlow opened = flow;
        if (opened != null) {
            opened.onCompleted(this);
        }
    }

    /** Ends this link alone and says why. Harmless when it has ended. */
    synchronized void fail(Status status) {
        if (!ended) {
            ended = true;
            upstream.onError(status.asRuntimeException());
        }
    }
}

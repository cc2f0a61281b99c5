package org.barnraiser.worker.node;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.LinkOpen;
import org.barnraiser.proto.LinkStatus;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepMessage;
import org.barnraiser.worker.node.NextStageLink.LinkBrokenException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One link from the stage before: takes its steps, has them computed on the stage's thread, and hands them on. The link is
 * accepted when all stages behind have accepted, and ends when the link behind breaks; so whoever opened the first link of
 * a pipeline hears of both.
 *
 * <p>Its methods are called by the network's threads and by the stage's thread.
 */
final class StepReceiver implements StreamObserver<StepMessage>, NextStageLink.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(StepReceiver.class);
    /** Steps that wait for the engine; the sender's flow control holds back the others. */
    static final int MAX_WAITING = 16;
    private static final Status BUSY = Status.UNAVAILABLE.withDescription("The stage takes no steps now.");

    private final ServerCallStreamObserver<LinkStatus> upstream;
    private final StageRegistry registry;
    private final NextStageLink.Dialer dialer;
    /** Set once, by the first message. */
    private volatile @Nullable HostedStage stage;
    private volatile @Nullable NextStageLink next;
    /** Guarded by this, as are answers to upstream. */
    private boolean ended;

    StepReceiver(ServerCallStreamObserver<LinkStatus> upstream, StageRegistry registry, NextStageLink.Dialer dialer) {
        this.upstream = upstream;
        this.registry = registry;
        this.dialer = dialer;
        upstream.disableAutoRequest();
        upstream.setOnCancelHandler(this::end);
        upstream.request(MAX_WAITING);
    }

    @Override
    public void onNext(StepMessage message) {
        HostedStage opened = stage;
        switch (message.getMessageCase()) {
            case OPEN -> {
                if (opened == null) {
                    open(message.getOpen());
                    upstream.request(1);
                } else {
                    fail(Status.INVALID_ARGUMENT.withDescription("A link is opened once."));
                }
            }
            case STEP -> {
                if (opened == null) {
                    fail(Status.INVALID_ARGUMENT.withDescription("The first message of a link must open it."));
                } else {
                    take(message.getStep(), opened);
                }
            }
            case MESSAGE_NOT_SET -> fail(Status.INVALID_ARGUMENT.withDescription("A message of the link is empty."));
        }
    }

    private void open(LinkOpen open) {
        HostedStage found;
        try {
            found = registry.find(open.getPipelineId(), open.getEpoch());
        } catch (FencedException e) {
            fail(e.status());
            return;
        }
        int index = found.engine().settings().stageIndex();
        if (open.getStageIndex() != index) {
            fail(Status.INVALID_ARGUMENT.withDescription(
                    "Stage " + open.getStageIndex() + " was called, but stage " + index + " is here."));
            return;
        }
        stage = found;
        try {
            found.attach(this);
        } catch (RejectedExecutionException _) {
            fail(BUSY);
            return;
        }
        if (found.engine().spec().getTail()) {
            onOpened();
            return;
        }
        next = dialer.dial(found.nextStageAddress(), open.getPipelineId(), open.getEpoch(), index + 1, this);
        if (hasEnded()) { // while dialling
            end();
        }
    }

    private void take(Step step, HostedStage opened) {
        if (step.getEpoch() != opened.epoch()) {
            fail(Status.FAILED_PRECONDITION.withDescription(
                    "This stage runs epoch " + opened.epoch() + ", not the step's epoch " + step.getEpoch() + "."));
            return;
        }
        long queued = System.nanoTime();
        try {
            opened.submit(() -> compute(step, opened, queued));
        } catch (RejectedExecutionException _) {
            fail(BUSY);
        }
    }

    /** On the stage's thread. */
    private void compute(Step step, HostedStage opened, long queuedNanos) {
        if (hasEnded() || !opened.serves(this)) {
            return;
        }
        long queueMicros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - queuedNanos);
        NextStageLink link = next;
        try {
            if (link == null) {
                var result = opened.engine().finish(step, queueMicros);
                if (opened.serves(this)) {
                    opened.results().deliver(result);
                }
            } else {
                link.send(opened.engine().process(step, queueMicros));
            }
            upstream.request(1);
        } catch (LinkBrokenException e) {
            fail(Status.UNAVAILABLE.withDescription(e.getMessage()));
        } catch (InterruptedException _) {
            fail(Status.UNAVAILABLE.withDescription("The stage is being unloaded."));
        } catch (RuntimeException e) {
            LOG.error("A step of pipeline {} could not be computed", opened.pipelineId(), e);
            fail(Status.INTERNAL.withDescription("The stage could not compute a step; its log says why."));
        }
    }

    @Override
    public void onOpened() {
        synchronized (this) {
            if (!ended) {
                upstream.onNext(LinkStatus.newBuilder().setOpened(true).build());
            }
        }
    }

    @Override
    public void onBroken(String reason) {
        fail(Status.UNAVAILABLE.withDescription(reason));
    }

    @Override
    public void onError(Throwable error) {
        end();
    }

    @Override
    public void onCompleted() {
        synchronized (this) {
            if (!ended) {
                ended = true;
                upstream.onCompleted();
            }
        }
        end();
    }

    /** Ends the link and says why. Harmless when it has ended. */
    void fail(Status status) {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            upstream.onError(status.asRuntimeException());
        }
        end();
    }

    private synchronized boolean hasEnded() {
        return ended;
    }

    /** Lets go of both neighbours; the stage stays loaded. */
    private void end() {
        synchronized (this) {
            ended = true;
        }
        NextStageLink link = next;
        if (link != null) {
            link.close();
        }
        HostedStage attached = stage;
        if (attached != null) {
            attached.detach(this);
        }
    }
}

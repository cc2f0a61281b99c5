package org.barnraiser.worker.node;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.LinkOpen;
import org.barnraiser.proto.LinkStatus;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepMessage;
import org.barnraiser.trust.Identity;
import org.barnraiser.worker.node.NextStageLink.LinkBrokenException;
import org.barnraiser.worker.stage.StageEngine;
import org.barnraiser.worker.stage.StagePlace;
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
    /** Empty where links are plain. */
    private final Optional<Identity> caller;
    /** Set once, by the first message. */
    private volatile @Nullable HostedStage stage;
    /** What the stage served when the link was opened; set with it. */
    private volatile @Nullable Binding binding;
    private volatile @Nullable NextStageLink next;
    private final LinkGauge gauge = new LinkGauge(System::nanoTime);
    private final Courtesy courtesy;
    /** These are guarded by this, as are answers to upstream. */
    private boolean opened;
    private boolean ended;

    StepReceiver(ServerCallStreamObserver<LinkStatus> upstream, StageRegistry registry, NextStageLink.Dialer dialer,
            Optional<Identity> caller, Courtesy courtesy) {
        this.caller = caller;
        this.courtesy = courtesy;
        this.upstream = upstream;
        this.registry = registry;
        this.dialer = dialer;
        upstream.disableAutoRequest();
        upstream.setOnCancelHandler(this::end);
        upstream.request(MAX_WAITING);
    }

    @Override
    public void onNext(StepMessage message) {
        HostedStage found = stage;
        Binding served = binding;
        switch (message.getMessageCase()) {
            case OPEN -> {
                if (found == null) {
                    open(message.getOpen());
                    upstream.request(1);
                } else {
                    fail(Status.INVALID_ARGUMENT.withDescription("A link is opened once."));
                }
            }
            case STEP -> {
                if (found == null || served == null) {
                    fail(Status.INVALID_ARGUMENT.withDescription("The first message of a link must open it."));
                } else {
                    if (message.getEcho()) {
                        tell(LinkStatus.newBuilder().setReceived(message.getStep().getNumber()).build());
                    }
                    take(message.getStep(), found, served);
                }
            }
            case MESSAGE_NOT_SET -> fail(Status.INVALID_ARGUMENT.withDescription("A message of the link is empty."));
        }
    }

    private void open(LinkOpen open) {
        HostedStage found;
        Binding served;
        int index;
        try {
            found = registry.find(open.getPipelineId(), open.getEpoch());
            served = found.binding().orElseThrow(() -> FencedException.notHere(open.getPipelineId()));
            index = served.place().index();
            if (caller.isPresent() && !served.takesStepsFrom(caller.get())) {
                LOG.warn("A link to stage {} was refused: {} does not come before it in the plan.", index,
                        caller.get());
                fail(Status.PERMISSION_DENIED.withDescription(
                        "Stage " + index + " takes no steps from " + caller.get() + "."));
                return;
            }
            if (open.getStageIndex() != index) {
                fail(Status.INVALID_ARGUMENT.withDescription(
                        "Stage " + open.getStageIndex() + " was called, but stage " + index + " is here."));
                return;
            }
            binding = served;
            stage = found;
            found.attach(this, served);
        } catch (FencedException e) {
            fail(e.status());
            return;
        } catch (RejectedExecutionException _) {
            fail(BUSY);
            return;
        }
        if (found.engine().spec().getTail()) {
            onOpened();
            return;
        }
        next = dialer.dial(served.nextStageAddress(), open.getPipelineId(), open.getEpoch(), index + 1, this);
        if (hasEnded()) { // while dialling
            end();
        }
    }

    private void take(Step step, HostedStage attached, Binding served) {
        if (step.getEpoch() != served.epoch()) {
            fail(Status.FAILED_PRECONDITION.withDescription(
                    "This link is for epoch " + served.epoch() + ", not the step's epoch " + step.getEpoch() + "."));
            return;
        }
        long queued = System.nanoTime();
        try {
            attached.submit(() -> compute(step, attached, served, queued));
        } catch (RejectedExecutionException _) {
            fail(BUSY);
        }
    }

    /** On the stage's thread. */
    private void compute(Step step, HostedStage attached, Binding served, long queuedNanos) {
        if (hasEnded() || !attached.serves(this)) {
            return;
        }
        long started = System.nanoTime();
        long queueMicros = TimeUnit.NANOSECONDS.toMicros(started - queuedNanos);
        NextStageLink link = next;
        StageEngine engine = attached.engine();
        try {
            if (link == null) {
                attached.deliver(attached.activity().step(() -> engine.finish(step, served.place(), queueMicros)),
                        this);
            } else if (served.adaptWire() && !served.isNextStageHere()) {
                var place = new StagePlace(served.place().index(), gauge.encoding());
                Step done = attached.activity().step(() -> engine.process(step, place, queueMicros));
                link.send(done, gauge.onSend(done.getNumber(), done.getHidden().getData().size(),
                        (long) Float.BYTES * done.getTokensCount() * engine.spec().getEmbeddingLength(),
                        System.nanoTime() - started));
            } else {
                link.send(attached.activity().step(() -> engine.process(step, served.place(), queueMicros)), false);
            }
            courtesy.onStep();
            upstream.request(1);
        } catch (LinkBrokenException e) {
            fail(Status.UNAVAILABLE.withDescription(e.getMessage()));
        } catch (InterruptedException _) {
            fail(Status.UNAVAILABLE.withDescription("The stage is being unloaded."));
        } catch (RuntimeException e) {
            LOG.error("A step of pipeline {} could not be computed", attached.pipelineId(), e);
            fail(Status.INTERNAL.withDescription("The stage could not compute a step; its log says why."));
        }
    }

    @Override
    public void onOpened() {
        synchronized (this) {
            opened = true;
        }
        tell(LinkStatus.newBuilder().setOpened(true).build());
    }

    private synchronized void tell(LinkStatus status) {
        if (!ended) {
            upstream.onNext(status);
        }
    }

    @Override
    public void onReceived(long number) {
        gauge.onReceived(number);
        courtesy.onArrival(gauge.isLate());
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

    /** Whether all stages behind have accepted. */
    synchronized boolean hasOpened() {
        return opened && !ended;
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

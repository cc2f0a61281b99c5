package org.barnraiser.worker.node;

import io.grpc.Status;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.LinkStatus;
import org.barnraiser.proto.Step;
import org.barnraiser.trust.manners.Courtesy;
import org.barnraiser.worker.node.NextStageLink.LinkBrokenException;
import org.barnraiser.worker.stage.StageEngine;
import org.barnraiser.worker.stage.StagePlace;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of one stage: has them computed on the stage's thread and hands them on, whichever link brings them. A link can be
 * replaced by another one without an end of the flow; that is how links move to better ways. The flow begins when all stages behind have
 * accepted, and ends when the link behind breaks or the one before does; so whoever opened the first link of a pipeline hears of
 * both.
 *
 * <p>Its methods are called by the network's threads and by the stage's thread.
 */
final class StepFlow implements NextStageLink.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(StepFlow.class);
    /** Steps that wait for the engine; the sender's flow control holds back the others. */
    static final int MAX_WAITING = 16;
    static final Status BUSY = Status.UNAVAILABLE.withDescription("The stage takes no steps now.");

    private final HostedStage stage;
    /** What the stage served when the flow began. */
    private final Binding binding;
    /** Whether hidden states are encoded as the way to the next stage allows. */
    private final boolean adaptsWire;
    private final Courtesy courtesy;
    private final LinkGauge gauge = new LinkGauge(System::nanoTime);
    private volatile @Nullable NextStageLink next;
    /** All guarded by this. */
    private StepReceiver upstream;
    /** Takes over when {@link #upstream} has brought all it was sent. */
    private @Nullable StepReceiver successor;
    /** Steps that were taken and are not computed. */
    private int waiting;
    private boolean opened;
    private boolean ended;

    StepFlow(HostedStage stage, Binding binding, StepReceiver upstream, Courtesy courtesy) {
        this.stage = stage;
        this.binding = binding;
        adaptsWire = binding.adaptWire() && !binding.isNextStageHere();
        this.upstream = upstream;
        this.courtesy = courtesy;
    }

    /**
     * Begins: the flow before ends, and the next stage is dialled.
     *
     * @throws FencedException when something else is served by now
     * @throws RejectedExecutionException when the stage is being closed
     */
    void begin(NextStageLink.Dialer dialer, StepReceiver from) throws FencedException {
        stage.attach(this, binding);
        from.request(MAX_WAITING);
        if (stage.engine().spec().getTail()) {
            onOpened();
            return;
        }
        next = dialer.dial(binding.nextStageAddress(), binding.pipelineId(), binding.epoch(),
                binding.place().index() + 1, this);
        if (hasEnded()) { // while dialling
            end();
        }
    }

    /** Lets another link go on where the present one ends; false when there is nothing to go on with, or another waits for that. */
    boolean replaceBy(StepReceiver newcomer) {
        synchronized (this) {
            if (ended || !opened || successor != null) {
                return false;
            }
            successor = newcomer;
        }
        newcomer.tell(LinkStatus.newBuilder().setOpened(true).build());
        return true;
    }

    void take(Step step) {
        if (step.getEpoch() != binding.epoch()) {
            fail(Status.FAILED_PRECONDITION.withDescription(
                    "This link is for epoch " + binding.epoch() + ", not the step's epoch " + step.getEpoch() + "."));
            return;
        }
        long queued = System.nanoTime();
        synchronized (this) {
            waiting++;
        }
        try {
            stage.submit(() -> compute(step, queued));
        } catch (RejectedExecutionException _) {
            fail(BUSY);
        }
    }

    /** On the stage's thread. */
    private void compute(Step step, long queuedNanos) {
        if (hasEnded() || !stage.serves(this)) {
            return;
        }
        long started = System.nanoTime();
        long queueMicros = TimeUnit.NANOSECONDS.toMicros(started - queuedNanos);
        NextStageLink link = next;
        StageEngine engine = stage.engine();
        try {
            if (link == null) {
                stage.deliver(stage.activity().step(() -> engine.finish(step, binding.place(), queueMicros)), this);
            } else if (adaptsWire) {
                var place = new StagePlace(binding.place().index(), gauge.encoding());
                Step done = stage.activity().step(() -> engine.process(step, place, queueMicros));
                link.send(done, gauge.onSend(done.getNumber(), done.getHidden().getData().size(),
                        (long) Float.BYTES * done.getTokensCount() * engine.spec().getEmbeddingLength(),
                        System.nanoTime() - started));
            } else {
                link.send(stage.activity().step(() -> engine.process(step, binding.place(), queueMicros)), false);
            }
            courtesy.onStep();
            computed().request(1);
        } catch (LinkBrokenException e) {
            fail(Status.UNAVAILABLE.withDescription(e.getMessage()));
        } catch (InterruptedException _) {
            fail(Status.UNAVAILABLE.withDescription("The stage is being unloaded."));
        } catch (RuntimeException e) {
            LOG.error("A step of pipeline {} could not be computed", binding.pipelineId(), e);
            fail(Status.INTERNAL.withDescription("The stage could not compute a step; its log says why."));
        }
    }

    /** Who may bring one step more for it. */
    private synchronized StepReceiver computed() {
        waiting--;
        return upstream;
    }

    @Override
    public void onOpened() {
        StepReceiver link;
        synchronized (this) {
            opened = true;
            link = upstream;
        }
        link.tell(LinkStatus.newBuilder().setOpened(true).build());
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

    /** A link has brought all that it was sent: the next one goes on, or the flow ends. */
    void onCompleted(StepReceiver link) {
        StepReceiver promoted = null;
        int room = 0;
        synchronized (this) {
            if (!isPresent(link)) {
                return;
            }
            if (successor != null) {
                promoted = successor;
                upstream = successor;
                successor = null;
                room = MAX_WAITING - waiting;
            }
        }
        if (promoted == null) {
            end();
        } else if (room > 0) {
            promoted.request(room);
        }
    }

    /** A link has broken, and with the present one the flow, as nobody knows what was lost. */
    void onLost(StepReceiver link) {
        synchronized (this) {
            if (!isPresent(link)) {
                return;
            }
        }
        fail(Status.UNAVAILABLE.withDescription("The link that this one was to replace has broken."));
    }

    /** Whether the flow hangs on this link, which is over; a successor that is over is forgotten. Called with the lock held. */
    private boolean isPresent(StepReceiver link) {
        if (link.equals(successor)) {
            successor = null;
        }
        return link.equals(upstream);
    }

    /** Ends the flow and says why to whoever brings steps. Harmless when it has ended. */
    void fail(Status status) {
        StepReceiver present;
        StepReceiver coming;
        synchronized (this) {
            present = upstream;
            coming = successor;
            successor = null;
        }
        end();
        present.fail(status);
        if (coming != null) {
            coming.fail(status);
        }
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
        stage.detach(this);
    }
}

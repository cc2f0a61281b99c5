package org.barnraiser.worker.node;

import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.barnraiser.proto.LinkOpen;
import org.barnraiser.proto.LinkStatus;
import org.barnraiser.proto.StageGrpc;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A link that the earlier stage dials: one {@code Stage.Steps} call at a time. When there is a better way it moves there: a second call
 * that replaces the first is opened beside it, and between two steps the first is half-closed and the second used. The next stage takes
 * what comes by the second when it has taken all of the first, so no step is lost or overtaken, and no cache is emptied.
 */
final class GrpcLink implements NextStageLink {
    private static final Logger LOG = LoggerFactory.getLogger(GrpcLink.class);
    private static final long SEND_TIMEOUT_SECONDS = 60;
    private static final long MOVE_TIMEOUT_SECONDS = 10;
    private static final int MAX_STATUS_BYTES = 64 << 10;

    private final Channels channels;
    private final String address;
    private final LinkOpen open;
    private final Listener listener;
    private final BetterWay betterWay;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** These are guarded by the lock. */
    private @Nullable String broken;
    private Call present;
    /** Half-closed, and not ended yet. */
    private @Nullable Call former;

    private GrpcLink(Channels channels, String address, LinkOpen open, Listener listener, Duration firstLook) {
        this.channels = channels;
        this.address = address;
        this.open = open;
        this.listener = listener;
        lock.lock(); // a callback must not see a half-made link
        try {
            betterWay = BetterWay.look(firstLook, this::moveIfBetter);
            present = new Call(channels.dial(address, MAX_STATUS_BYTES, Channels.WORKER), open);
            present.start();
        } finally {
            lock.unlock();
        }
    }

    static NextStageLink.Dialer dialer(Channels channels) {
        return dialer(channels, BetterWay.FIRST);
    }

    /** @param firstLook how long a link waits until it looks for a better way */
    static NextStageLink.Dialer dialer(Channels channels, Duration firstLook) {
        return (address, pipelineId, epoch, stageIndex, listener) -> {
            var open = LinkOpen.newBuilder().setPipelineId(pipelineId).setEpoch(epoch).setStageIndex(stageIndex);
            return new GrpcLink(channels, address, open.build(), listener, firstLook);
        };
    }

    @Override
    public void send(Step step, boolean echo) throws LinkBrokenException, InterruptedException {
        long remainingNanos = TimeUnit.SECONDS.toNanos(SEND_TIMEOUT_SECONDS);
        lock.lockInterruptibly();
        try {
            while (broken == null && !present.steps().isReady()) {
                if (remainingNanos <= 0) {
                    throw new LinkBrokenException("The next stage at " + address + " has taken no step for "
                            + SEND_TIMEOUT_SECONDS + " seconds.");
                }
                remainingNanos = changed.awaitNanos(remainingNanos);
            }
            if (broken != null) {
                throw new LinkBrokenException(broken);
            }
            present.steps().onNext(StepMessage.newBuilder().setStep(step).setEcho(echo).build());
        } finally {
            lock.unlock();
        }
    }

    private boolean moveIfBetter() throws InterruptedException {
        Optional<Call> from = settled();
        if (from.isEmpty()) {
            return false;
        }
        Optional<ManagedChannel> better = channels.better(from.get().channel, address, MAX_STATUS_BYTES,
                Channels.WORKER);
        return better.isPresent()
                && move(from.get(), new Call(better.get(), open.toBuilder().setReplaces(true).build()));
    }

    /** The present call, when it is accepted and the next stage has taken all that came by the one before. */
    private Optional<Call> settled() {
        lock.lock();
        try {
            return former == null && present.opened.isDone() ? Optional.of(present) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private boolean move(Call from, Call to) throws InterruptedException {
        boolean moved = false;
        try {
            to.start();
            to.opened.get(MOVE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
            moved = use(from, to);
        } catch (ExecutionException | TimeoutException e) {
            LOG.info("The link to {} stays on its way: {}", address, e.toString());
        } finally {
            if (!moved) {
                to.channel.shutdownNow();
            }
        }
        if (moved) {
            LOG.info("The link to {} has moved to a better way.", address);
        }
        return moved;
    }

    private boolean use(Call from, Call to) {
        lock.lock();
        try {
            if (broken != null) {
                return false;
            }
            present = to;
            former = from;
            from.steps().onCompleted();
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        breakWith("The link to " + address + " was closed.");
    }

    /** Whether this was the first reason. */
    private boolean breakWith(String reason) {
        lock.lock();
        try {
            if (broken != null) {
                return false;
            }
            broken = reason;
            changed.signalAll();
            betterWay.close();
            present.channel.shutdownNow();
            if (former != null) {
                former.channel.shutdownNow();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** One call, and the connection that it has for itself. */
    private final class Call implements ClientResponseObserver<StepMessage, LinkStatus> {
        private final ManagedChannel channel;
        private final LinkOpen asked;
        private final CompletableFuture<Void> opened = new CompletableFuture<>();
        private @Nullable ClientCallStreamObserver<StepMessage> steps;

        Call(ManagedChannel channel, LinkOpen asked) {
            this.channel = channel;
            this.asked = asked;
        }

        void start() {
            // Not part of whichever call of the stage before has led to it: that one may end before, when it moves.
            Context.ROOT.run(() -> StageGrpc.newStub(channel).steps(this)
                    .onNext(StepMessage.newBuilder().setOpen(asked).build()));
        }

        /** Set by {@link #beforeStart}, which gRPC calls before it returns the call. */
        ClientCallStreamObserver<StepMessage> steps() {
            if (steps == null) {
                throw new IllegalStateException("the call has not been started");
            }
            return steps;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<StepMessage> call) {
            steps = call;
            call.setOnReadyHandler(() -> {
                lock.lock();
                try {
                    changed.signalAll();
                } finally {
                    lock.unlock();
                }
            });
        }

        @Override
        public void onNext(LinkStatus status) {
            // The link as a whole is accepted once, by its first call.
            if (status.getOpened() && opened.complete(null) && !asked.getReplaces()) {
                listener.onOpened();
            }
            if (status.getReceived() != 0) {
                listener.onReceived(status.getReceived());
            }
        }

        @Override
        public void onError(Throwable error) {
            Status status = Status.fromThrowable(error);
            String reason = status.getDescription() == null ? status.getCode().toString() : status.getDescription();
            opened.completeExceptionally(error);
            if (isInUse()) {
                end(reason);
            }
        }

        @Override
        public void onCompleted() {
            lock.lock();
            try {
                if (equals(former)) {
                    former = null;
                    channel.shutdownNow();
                    return;
                }
            } finally {
                lock.unlock();
            }
            if (isInUse()) {
                end("it ended the link");
            }
        }

        /** Also while the last steps sent by it may be under way: when it breaks then, they are lost. */
        private boolean isInUse() {
            lock.lock();
            try {
                return equals(present) || equals(former);
            } finally {
                lock.unlock();
            }
        }

        private void end(String reason) {
            String sentence = "The next stage at " + address + " is gone: " + reason + ".";
            if (breakWith(sentence)) {
                listener.onBroken(sentence);
            }
        }
    }
}

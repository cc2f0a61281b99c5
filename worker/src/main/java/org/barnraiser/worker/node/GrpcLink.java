package org.barnraiser.worker.node;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.barnraiser.proto.LinkOpen;
import org.barnraiser.proto.LinkStatus;
import org.barnraiser.proto.StageGrpc;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepMessage;
import org.jspecify.annotations.Nullable;

/** A link that the earlier stage dials: one {@code Stage.Steps} call. */
final class GrpcLink implements NextStageLink {
    private static final long SEND_TIMEOUT_SECONDS = 60;
    private static final int MAX_STATUS_BYTES = 64 << 10;

    private final String address;
    private final Listener listener;
    private final ManagedChannel channel;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Guarded by the lock, as is all use of {@link #steps}. */
    private @Nullable String broken;
    private final ClientCallStreamObserver<StepMessage> steps;

    private GrpcLink(Channels channels, String address, LinkOpen open, Listener listener) {
        this.address = address;
        this.listener = listener;
        channel = channels.dial(address, MAX_STATUS_BYTES, Channels.WORKER);
        lock.lock(); // a callback must not see a half-made link
        try {
            steps = (ClientCallStreamObserver<StepMessage>) StageGrpc.newStub(channel).steps(new Statuses());
            steps.onNext(StepMessage.newBuilder().setOpen(open).build());
        } finally {
            lock.unlock();
        }
    }

    static NextStageLink.Dialer dialer(Channels channels) {
        return (address, pipelineId, epoch, stageIndex, listener) -> dial(channels, address, pipelineId, epoch,
                stageIndex, listener);
    }

    private static NextStageLink dial(Channels channels, String address, String pipelineId, long epoch, int stageIndex,
            Listener listener) {
        var open = LinkOpen.newBuilder().setPipelineId(pipelineId).setEpoch(epoch).setStageIndex(stageIndex).build();
        return new GrpcLink(channels, address, open, listener);
    }

    @Override
    public void send(Step step, boolean echo) throws LinkBrokenException, InterruptedException {
        long remainingNanos = TimeUnit.SECONDS.toNanos(SEND_TIMEOUT_SECONDS);
        lock.lockInterruptibly();
        try {
            while (broken == null && !steps.isReady()) {
                if (remainingNanos <= 0) {
                    throw new LinkBrokenException("The next stage at " + address + " has taken no step for "
                            + SEND_TIMEOUT_SECONDS + " seconds.");
                }
                remainingNanos = changed.awaitNanos(remainingNanos);
            }
            if (broken != null) {
                throw new LinkBrokenException(broken);
            }
            steps.onNext(StepMessage.newBuilder().setStep(step).setEcho(echo).build());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        breakWith("The link to " + address + " was closed.");
        channel.shutdownNow();
    }

    /** Whether this was the first reason. */
    private boolean breakWith(String reason) {
        lock.lock();
        try {
            boolean first = broken == null;
            if (first) {
                broken = reason;
                changed.signalAll();
            }
            return first;
        } finally {
            lock.unlock();
        }
    }

    private final class Statuses implements ClientResponseObserver<StepMessage, LinkStatus> {
        @Override
        public void beforeStart(ClientCallStreamObserver<StepMessage> call) {
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
            if (status.getOpened()) {
                listener.onOpened();
            }
            if (status.getReceived() != 0) {
                listener.onReceived(status.getReceived());
            }
        }

        @Override
        public void onError(Throwable error) {
            Status status = Status.fromThrowable(error);
            end(status.getDescription() == null ? status.getCode().toString() : status.getDescription());
        }

        @Override
        public void onCompleted() {
            end("it ended the link");
        }

        private void end(String reason) {
            String sentence = "The next stage at " + address + " is gone: " + reason + ".";
            if (breakWith(sentence)) {
                channel.shutdownNow();
                listener.onBroken(sentence);
            }
        }
    }
}

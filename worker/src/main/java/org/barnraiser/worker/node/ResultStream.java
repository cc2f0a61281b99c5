package org.barnraiser.worker.node;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import org.barnraiser.proto.StepResult;
import org.jspecify.annotations.Nullable;

/**
 * The results of one pipeline on their way to whoever listens, which is the newest caller. Results that come while nobody
 * listens, or while the listener is slow, wait in a bounded queue. Safe for use by several threads; never blocks.
 */
final class ResultStream {
    /** Far more than the steps that a driver has in flight. */
    private static final int MAX_WAITING = 1024;

    private final Deque<StepResult> waiting = new ArrayDeque<>();
    private @Nullable ServerCallStreamObserver<StepResult> listener;

    /** Replaces the listener; the earlier one's call ends. */
    synchronized void listen(ServerCallStreamObserver<StepResult> newListener) {
        end(Status.ABORTED.withDescription("A newer call for the results of this pipeline has replaced this one."));
        listener = newListener;
        drain();
    }

    /** To be called when the listener's call can take more, or has ended. */
    synchronized void ready(ServerCallStreamObserver<StepResult> which) {
        if (which.equals(listener)) {
            drain();
        }
    }

    synchronized void deliver(StepResult result) {
        if (waiting.size() == MAX_WAITING) {
            end(Status.RESOURCE_EXHAUSTED.withDescription("The results of this pipeline were not taken in time."));
            waiting.clear();
        }
        waiting.add(result);
        drain();
    }

    /** Forgets what nobody has taken. */
    synchronized void clear() {
        waiting.clear();
    }

    synchronized void end(Status status) {
        if (listener != null) {
            var ended = listener;
            listener = null;
            if (!ended.isCancelled()) {
                ended.onError(status.asRuntimeException());
            }
        }
    }

    private void drain() {
        if (listener != null && listener.isCancelled()) {
            listener = null;
        }
        while (listener != null && !waiting.isEmpty() && listener.isReady()) {
            listener.onNext(waiting.remove());
        }
    }
}

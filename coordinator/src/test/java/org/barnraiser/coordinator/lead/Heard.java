package org.barnraiser.coordinator.lead;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a call answered. */
final class Heard<Q, A> implements ClientResponseObserver<Q, A> {
    private static final long PATIENCE_SECONDS = 30;

    private final BlockingQueue<A> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private final boolean deaf;
    private @Nullable ClientCallStreamObserver<Q> call;

    private Heard(boolean deaf) {
        this.deaf = deaf;
    }

    static <Q, A> Heard<Q, A> all() {
        return new Heard<>(false);
    }

    /** Takes nothing until it is told to listen. */
    static <Q, A> Heard<Q, A> nothing() {
        return new Heard<>(true);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Q> stream) {
        call = stream;
        if (deaf) {
            stream.disableAutoRequestWithInitial(0);
        }
    }

    ClientCallStreamObserver<Q> call() {
        if (call == null) {
            throw new IllegalStateException("the call has not begun");
        }
        return call;
    }

    /** The next message; waits for it. */
    A next() throws InterruptedException {
        A message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("nothing was heard");
        }
        return message;
    }

    boolean hasHeard() {
        return !messages.isEmpty();
    }

    boolean hasEnded() {
        return end.isDone();
    }

    /** How the call ended; waits for it. */
    Status end() throws Exception {
        return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void onNext(A message) {
        messages.add(message);
    }

    @Override
    public void onError(Throwable error) {
        end.complete(Status.fromThrowable(error));
    }

    @Override
    public void onCompleted() {
        end.complete(Status.OK);
    }
}

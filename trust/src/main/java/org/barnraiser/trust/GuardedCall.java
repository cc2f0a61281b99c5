package org.barnraiser.trust;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.security.cert.X509Certificate;

/**
 * A call to this server that can be ended from outside its handler. The handler then sees it cancelled by the caller, which it has to
 * bear anyway, and what it still sends goes nowhere. Thread-safe where the handler is.
 */
final class GuardedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final X509Certificate caller;
    /** Guarded by this, as is every use of the call that might meet its end. */
    private boolean ended;

    GuardedCall(ServerCall<Q, A> call, X509Certificate caller) {
        super(call);
        this.caller = caller;
    }

    X509Certificate caller() {
        return caller;
    }

    /** Ends the call with this status, unless its handler has. */
    synchronized void end(Status status) {
        if (!ended) {
            super.close(status, new Metadata());
            ended = true;
        }
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
        if (!ended) {
            super.sendHeaders(headers);
        }
    }

    @Override
    public synchronized void sendMessage(A message) {
        if (!ended) {
            super.sendMessage(message);
        }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
        if (!ended) {
            super.close(status, trailers);
        }
    }

    private synchronized boolean hasEnded() {
        return ended;
    }

    @Override
    public boolean isCancelled() {
        return hasEnded() || super.isCancelled();
    }

    /** Tells the handler of the end as of a cancellation; runs {@code onEnd} with any end. */
    ServerCall.Listener<Q> listener(ServerCall.Listener<Q> handler, Runnable onEnd) {
        return new SimpleForwardingServerCallListener<>(handler) {
            @Override
            public void onComplete() {
                onEnd.run();
                if (hasEnded()) {
                    super.onCancel();
                } else {
                    super.onComplete();
                }
            }

            @Override
            public void onCancel() {
                onEnd.run();
                super.onCancel();
            }
        };
    }
}

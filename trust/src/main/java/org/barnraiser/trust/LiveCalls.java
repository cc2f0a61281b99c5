package org.barnraiser.trust;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** The calls that are under way in both directions, so that those with a member that is removed can be ended. Thread-safe. */
final class LiveCalls {
    private static final String REMOVED = "The other side was removed from the cluster.";

    private final Revocations revocations;
    private final Consumer<X509Certificate> seen;
    private final Set<GuardedCall<?, ?>> incoming = ConcurrentHashMap.newKeySet();
    private final Set<ClientCall<?, ?>> outgoing = ConcurrentHashMap.newKeySet();

    /** @param seen is told the certificates of those who answer */
    LiveCalls(Revocations revocations, Consumer<X509Certificate> seen) {
        this.seen = seen;
        this.revocations = revocations;
    }

    /** Whoever is on the other side of a connection; empty when it has shown no certificate. */
    static Optional<X509Certificate> peer(Attributes attributes) {
        SSLSession session = attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        try {
            return session != null && session.getPeerCertificates()[0] instanceof X509Certificate certificate
                    ? Optional.of(certificate)
                    : Optional.empty();
        } catch (SSLPeerUnverifiedException _) {
            return Optional.empty();
        }
    }

    /** Ends what is under way with members that have been removed. */
    void endRemoved() {
        incoming.forEach(this::endIfRemoved);
        for (ClientCall<?, ?> call : outgoing) {
            if (peer(call.getAttributes()).filter(revocations::isRevoked).isPresent()) {
                call.cancel(REMOVED, null);
            }
        }
    }

    /** Knows the call until its end. */
    <Q> ServerCall.Listener<Q> track(GuardedCall<Q, ?> call, ServerCall.Listener<Q> handler) {
        incoming.add(call);
        endIfRemoved(call); // which may have happened a moment ago
        return call.listener(handler, () -> incoming.remove(call));
    }

    private void endIfRemoved(GuardedCall<?, ?> call) {
        if (revocations.isRevoked(call.caller())) {
            call.end(Status.PERMISSION_DENIED.withDescription(REMOVED));
        }
    }

    /** Knows every call of a channel until its end. */
    ClientInterceptor client() {
        return new ClientInterceptor() {
            @Override
            public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options,
                    Channel next) {
                return new Tracked<>(next.newCall(method, options));
            }
        };
    }

    private final class Tracked<Q, A> extends SimpleForwardingClientCall<Q, A> {
        Tracked(ClientCall<Q, A> call) {
            super(call);
        }

        @Override
        public void start(Listener<A> listener, Metadata headers) {
            outgoing.add(this);
            super.start(new SimpleForwardingClientCallListener<>(listener) {
                @Override
                public void onHeaders(Metadata answer) {
                    Optional<X509Certificate> other = peer(getAttributes());
                    other.ifPresent(seen);
                    // The connection may have been made while the member was being removed.
                    if (other.filter(revocations::isRevoked).isPresent()) {
                        cancel(REMOVED, null);
                    }
                    super.onHeaders(answer);
                }

                @Override
                public void onClose(Status status, Metadata trailers) {
                    outgoing.remove(Tracked.this);
                    super.onClose(status, trailers);
                }
            }, headers);
        }
    }
}

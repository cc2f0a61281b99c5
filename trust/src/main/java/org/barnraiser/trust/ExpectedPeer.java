package org.barnraiser.trust;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Ends calls that another member answers than the one whose address it was said to be, so that nobody announces itself under another's name. */
record ExpectedPeer(String id) implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<A> listener, Metadata headers) {
                super.start(new SimpleForwardingClientCallListener<>(listener) {
                    private @Nullable Status refused;

                    @Override
                    public void onHeaders(Metadata answer) {
                        Optional<Identity> peer = LiveCalls.peer(getAttributes()).flatMap(Identity::of);
                        if (peer.filter(known -> known.id().equals(id)).isEmpty()) {
                            String who = peer.map(Identity::toString).orElse("nobody known");
                            refused = Status.PERMISSION_DENIED.withDescription(who + " answers in the name of " + id);
                            cancel(refused.getDescription(), null);
                        }
                        super.onHeaders(answer);
                    }

                    @Override
                    public void onMessage(A message) {
                        // The whole answer may be here already, which no cancelling undoes.
                        if (refused == null) {
                            super.onMessage(message);
                        }
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        super.onClose(refused == null ? status : refused, trailers);
                    }
                }, headers);
            }
        };
    }
}

package org.barnraiser.trust;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.Beat;
import org.barnraiser.proto.ProbeMessage;
import org.barnraiser.proto.PulseRequest;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.trust.reach.Whereabouts;

/** A server that tells callers who they are, and callers that ask it. */
final class Party implements AutoCloseable {
    private static final Set<Role> ANY = Set.of(Role.WORKER, Role.COORDINATOR);
    private static final long PATIENCE_SECONDS = 60;

    private final String host;
    private final Server server;

    private Party(String host, Server server) {
        this.host = host;
        this.server = server;
    }

    static Party of(Links links) throws IOException {
        return at("127.0.0.1", links);
    }

    /** @param host an address of this machine */
    static Party at(String host, Links links) throws IOException {
        return new Party(host, links.at(new InetSocketAddress(InetAddress.ofLiteral(host), 0),
                (caller, _) -> caller.isPresent()).addService(new Mirror()).build().start());
    }

    int port() {
        return server.getPort();
    }

    String address() {
        return Whereabouts.address(host, port());
    }

    ManagedChannel channel(Links from) {
        return from.to(address(), ANY, _ -> {});
    }

    /** Who the server says is calling. */
    String ask(Links from) {
        ManagedChannel channel = channel(from);
        try {
            return ask(channel);
        } finally {
            channel.shutdownNow();
        }
    }

    static String ask(Channel channel) {
        return WorkerControlGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .probe(ProbeMessage.getDefaultInstance()).getPayload().toStringUtf8();
    }

    /** A call that lasts; returns when its first answer is there. */
    static Iterator<Beat> listen(ManagedChannel channel) {
        Iterator<Beat> beats = WorkerControlGrpc.newBlockingStub(channel)
                .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS).pulse(PulseRequest.getDefaultInstance());
        beats.next();
        return beats;
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private static final class Mirror extends WorkerControlGrpc.WorkerControlImplBase {
        @Override
        public void probe(ProbeMessage request, StreamObserver<ProbeMessage> response) {
            response.onNext(ProbeMessage.newBuilder().setPayload(ByteString.copyFromUtf8(
                    Identity.ofCaller().map(Identity::toString).orElse("nobody"))).build());
            response.onCompleted();
        }

        @Override
        public void pulse(PulseRequest request, StreamObserver<Beat> response) {
            response.onNext(Beat.getDefaultInstance());
        }
    }
}

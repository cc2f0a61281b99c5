package org.barnraiser.trust.reach;

import com.google.protobuf.ByteString;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.barnraiser.proto.Carried;
import org.barnraiser.proto.ProbeMessage;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Role;

import static org.awaitility.Awaitility.await;

/** Members and relays in this process. Everything is closed with it. */
final class Village implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    <T extends AutoCloseable> T own(T one) {
        open.push(one);
        return one;
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A relay whose bytes are written down as it sees them. */
    Relay relay(Links links, int port) throws IOException {
        return own(new Relay(links, port));
    }

    /** A member that answers probes with what it was sent. */
    House house(Links links, Relay... relays) throws IOException {
        return houseAt(links, 0, relays);
    }

    /** The same, at a port that others know already. */
    House houseAt(Links links, int port, Relay... relays) throws IOException {
        return own(new House(links, port, List.of(relays)));
    }

    static final class Relay implements AutoCloseable {
        final ReachService service = ReachService.relay();
        private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
        private final Server server;
        private final int port;

        Relay(Links links, int port) throws IOException {
            server = links.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                    (caller, _) -> caller.isPresent()).directExecutor().addService(service).intercept(new Tap())
                    .permitKeepAliveTime(1, TimeUnit.SECONDS)
                    .build().start();
            this.port = server.getPort();
        }

        String address() {
            return "127.0.0.1:" + port;
        }

        int port() {
            return port;
        }

        synchronized String seen() {
            return seen.toString(StandardCharsets.ISO_8859_1);
        }

        private synchronized void see(Object message) {
            if (message instanceof Carried carried) {
                seen.writeBytes(carried.getBytes().toByteArray());
            }
        }

        @Override
        public void close() {
            server.shutdownNow();
            await().atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                    .until(server::isTerminated);
        }

        private final class Tap implements ServerInterceptor {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers,
                    ServerCallHandler<Q, A> next) {
                return next.startCall(new SimpleForwardingServerCall<>(call) {
                    @Override
                    public void sendMessage(A message) {
                        see(message);
                        super.sendMessage(message);
                    }
                }, headers);
            }
        }
    }

    static final class House implements AutoCloseable {
        private final Links links;
        private final List<Relay> relays;
        private final ReachService service = ReachService.member();
        private final Server server;

        House(Links links, int port, List<Relay> relays) throws IOException {
            this.links = links;
            this.relays = relays;
            server = links.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                    (caller, _) -> caller.isPresent()).addService(service).addService(new Echo())
                    .maxInboundMessageSize(64 << 20).build().start();
        }

        String address() {
            return "127.0.0.1:" + server.getPort();
        }

        /** Others reach this one by its line from now on. */
        Waiting waitAs(String line) throws InterruptedException {
            var waiting = new Waiting(links, line,
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()));
            waiting.at(relays.stream().map(Relay::address).toList());
            if (!waiting.awaitConnected(Duration.ofSeconds(PATIENCE_SECONDS))) {
                throw new IllegalStateException("no relay is reached");
            }
            return waiting;
        }

        ReachingLinks reaching(boolean canBeDialled) {
            return reaching(() -> canBeDialled);
        }

        ReachingLinks reaching(BooleanSupplier canBeDialled) {
            return new ReachingLinks(links, service,
                    () -> canBeDialled.getAsBoolean() ? Optional.of(address()) : Optional.empty(),
                    () -> relays.stream().map(Relay::address).toList());
        }

        @Override
        public void close() {
            server.shutdownNow();
        }
    }

    static ManagedChannel channel(Links from, String address) {
        return from.to(address, Set.of(Role.WORKER), channel -> channel.maxInboundMessageSize(64 << 20));
    }

    static Optional<ManagedChannel> better(Links from, ManagedChannel than, String address)
            throws InterruptedException {
        return from.better(than, address, Set.of(Role.WORKER), channel -> channel.maxInboundMessageSize(64 << 20));
    }

    static String ask(ManagedChannel channel, String text) {
        return WorkerControlGrpc.newBlockingStub(channel).withWaitForReady()
                .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .probe(ProbeMessage.newBuilder().setPayload(ByteString.copyFromUtf8(text)).build()).getPayload()
                .toStringUtf8();
    }

    private static final class Echo extends WorkerControlGrpc.WorkerControlImplBase {
        @Override
        public void probe(ProbeMessage request, StreamObserver<ProbeMessage> response) {
            response.onNext(request);
            response.onCompleted();
        }
    }
}

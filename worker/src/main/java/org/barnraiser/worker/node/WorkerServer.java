package org.barnraiser.worker.node;

import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.barnraiser.proto.StageGrpc;
import org.barnraiser.trust.Admission;
import org.barnraiser.trust.Links;
import org.jspecify.annotations.Nullable;

/**
 * The worker's gRPC server. Calls of the data plane run on the network's threads, which saves two thread switches per step;
 * every call of the control plane has a virtual thread.
 */
final class WorkerServer implements AutoCloseable {
    /** A step of 2,048 tokens of width 16,384 in f32, or a tail's header with a large vocabulary. */
    static final int MAX_MESSAGE_BYTES = 144 << 20;
    private static final int MAX_CALLS_PER_CONNECTION = 256;

    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

    private final Server server;
    private final InetSocketAddress listen;
    private final ExecutorService controlThreads;

    private WorkerServer(Server server, InetSocketAddress listen, ExecutorService controlThreads) {
        this.listen = listen;
        this.server = server;
        this.controlThreads = controlThreads;
    }

    /**
     * Serves at an address, and where that is one of several of this machine, at the machine's own as well: others' connections may be carried
     * to it, and the address may be taken away.
     */
    static WorkerServer start(InetSocketAddress listen, Links links, Admission admission, BindableService stage,
            BindableService control,
            BindableService pieces, BindableService reach)
            throws IOException {
        ExecutorService controlThreads = Executors.newVirtualThreadPerTaskExecutor();
        NettyServerBuilder builder = links.at(listen, admission);
        if (isOneAddress(listen)) {
            builder.addListenAddress(new InetSocketAddress(HERE, 0));
        }
        Server server = builder.directExecutor()
                .callExecutor(new ExecutorChoice(controlThreads)).addService(stage).addService(control)
                .addService(pieces).addService(reach)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                .keepAliveTime(Channels.KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(Channels.KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .build();
        try {
            return new WorkerServer(server.start(), listen, controlThreads);
        } catch (IOException e) {
            controlThreads.close();
            throw e;
        }
    }

    /** Of this machine that others may reach, as long as it has it. */
    private static boolean isOneAddress(InetSocketAddress listen) {
        return listen.getAddress() != null && !listen.getAddress().isAnyLocalAddress()
                && !listen.getAddress().isLoopbackAddress();
    }

    /** By which others reach it. */
    int port() {
        return socket(address -> address.getAddress().equals(listen.getAddress())).getPort();
    }

    /** Where this machine's own programs reach it, whatever becomes of the machine's other addresses. */
    InetSocketAddress here() {
        InetSocketAddress socket = isOneAddress(listen)
                ? socket(address -> address.getAddress().isLoopbackAddress())
                : socket(_ -> true);
        return socket.getAddress().isAnyLocalAddress() ? new InetSocketAddress(HERE, socket.getPort()) : socket;
    }

    private InetSocketAddress socket(Predicate<InetSocketAddress> wanted) {
        List<InetSocketAddress> sockets = server.getListenSockets().stream().map(InetSocketAddress.class::cast)
                .toList();
        return sockets.stream().filter(wanted).findFirst().orElse(sockets.getFirst());
    }

    /** Ends all calls. */
    @Override
    public void close() {
        server.shutdownNow();
        controlThreads.shutdownNow();
    }

    /** By service. */
    private record ExecutorChoice(Executor control) implements ServerCallExecutorSupplier {
        @Override
        public <Q, A> @Nullable Executor getExecutor(ServerCall<Q, A> call, Metadata headers) {
            boolean data = StageGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName());
            return data ? null : control;
        }
    }
}

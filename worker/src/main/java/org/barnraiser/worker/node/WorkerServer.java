package org.barnraiser.worker.node;

import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
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

    private final Server server;
    private final ExecutorService controlThreads;

    private WorkerServer(Server server, ExecutorService controlThreads) {
        this.server = server;
        this.controlThreads = controlThreads;
    }

    static WorkerServer start(InetSocketAddress listen, Links links, Admission admission, BindableService stage,
            BindableService control,
            BindableService pieces, BindableService reach)
            throws IOException {
        ExecutorService controlThreads = Executors.newVirtualThreadPerTaskExecutor();
        Server server = links.at(listen, admission).directExecutor()
                .callExecutor(new ExecutorChoice(controlThreads)).addService(stage).addService(control)
                .addService(pieces).addService(reach)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                .keepAliveTime(Channels.KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(Channels.KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .build();
        try {
            return new WorkerServer(server.start(), controlThreads);
        } catch (IOException e) {
            controlThreads.close();
            throw e;
        }
    }

    int port() {
        return server.getPort();
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

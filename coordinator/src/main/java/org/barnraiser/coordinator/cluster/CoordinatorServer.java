package org.barnraiser.coordinator.cluster;

import com.google.common.net.HostAndPort;
import io.grpc.BindableService;
import io.grpc.HandlerRegistry;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.barnraiser.coordinator.trust.ClusterTrust;
import org.jspecify.annotations.Nullable;

/** The coordinator's gRPC server: workers fetch weights from it, and other coordinators follow it. */
final class CoordinatorServer implements AutoCloseable {
    /** The tokens of a sequence that goes on here, and its grammar; requests for weights are far smaller. */
    private static final int MAX_MESSAGE_BYTES = 8 << 20;
    /** All the sequences that another coordinator may have here, and then some. */
    private static final int MAX_CALLS_PER_CONNECTION = 512;

    private final Server server;
    private final Methods services;
    private final String address;

    private CoordinatorServer(Server server, Methods services, String address) {
        this.server = server;
        this.services = services;
        this.address = address;
    }

    /**
     * Starts to listen, with no service yet.
     *
     * @param trust decides who may call
     * @param listen an address that workers and coordinators reach as it is written; port 0 takes a free one
     */
    static CoordinatorServer start(HostAndPort listen, ClusterTrust trust) throws ClusterException {
        InetSocketAddress socket = new InetSocketAddress(listen.getHost(), listen.getPort());
        if (socket.isUnresolved() || socket.getAddress().isAnyLocalAddress()) {
            throw new ClusterException("Workers cannot fetch weights from " + listen
                    + "; give an address of this machine that they reach.");
        }
        Methods services = new Methods();
        try {
            Server server = trust.server(socket)
                    // No service here blocks.
                    .directExecutor()
                    .fallbackHandlerRegistry(services)
                    .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                    .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                    .build()
                    .start();
            return new CoordinatorServer(server, services,
                    HostAndPort.fromParts(listen.getHost(), server.getPort()).toString());
        } catch (IOException e) {
            throw new ClusterException("The coordinator cannot listen on " + listen + ": " + e.getMessage()
                    + "; give another address or port.", e);
        }
    }

    /** From now on this is served as well. */
    void serve(BindableService service) {
        services.add(service);
    }

    /** {@code host:port}. */
    String address() {
        return address;
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    /** What is served at the moment; grows while the server runs. */
    private static final class Methods extends HandlerRegistry {
        private final Map<String, ServerMethodDefinition<?, ?>> byName = new ConcurrentHashMap<>();

        void add(BindableService service) {
            service.bindService().getMethods()
                    .forEach(method -> byName.put(method.getMethodDescriptor().getFullMethodName(), method));
        }

        @Override
        public @Nullable ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
            return byName.get(name);
        }
    }
}

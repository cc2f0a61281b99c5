package org.barnraiser.coordinator.cluster;

import com.google.common.net.HostAndPort;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.weights.WeightsService;

/** The coordinator's gRPC server, from which workers fetch weights. */
final class WeightsServer implements AutoCloseable {
    /** Requests name a piece and a range; nothing larger comes in. */
    private static final int MAX_MESSAGE_BYTES = 64 << 10;
    private static final int MAX_CALLS_PER_CONNECTION = 64;
    private static final long PERMITTED_KEEPALIVE_SECONDS = 10;

    private final Server server;
    private final String address;

    private WeightsServer(Server server, String address) {
        this.server = server;
        this.address = address;
    }

    /**
     * Starts to listen.
     *
     * @param listen an address that workers reach as it is written; port 0 takes a free one
     */
    static WeightsServer start(HostAndPort listen, WeightsService weights) throws ClusterException {
        InetSocketAddress socket = new InetSocketAddress(listen.getHost(), listen.getPort());
        if (socket.isUnresolved() || socket.getAddress().isAnyLocalAddress()) {
            throw new ClusterException("Workers cannot fetch weights from " + listen
                    + "; give an address of this machine that they reach.");
        }
        try {
            Server server = NettyServerBuilder.forAddress(socket)
                    // The service hands its reading to threads of its own.
                    .directExecutor()
                    .addService(weights)
                    .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                    .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                    .permitKeepAliveTime(PERMITTED_KEEPALIVE_SECONDS, TimeUnit.SECONDS)
                    .build()
                    .start();
            return new WeightsServer(server,
                    HostAndPort.fromParts(listen.getHost(), server.getPort()).toString());
        } catch (IOException e) {
            throw new ClusterException("The coordinator cannot listen on " + listen + ": " + e.getMessage()
                    + "; give another address or port.", e);
        }
    }

    /** {@code host:port}. */
    String address() {
        return address;
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}

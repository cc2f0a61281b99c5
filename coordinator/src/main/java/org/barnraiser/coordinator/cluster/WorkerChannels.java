package org.barnraiser.coordinator.cluster;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** One channel per worker address, kept for as long as the worker is of interest. Thread-safe. */
final class WorkerChannels implements AutoCloseable {
    /** Workers answer with small messages only: progress, tokens, sampled tokens with their most likely alternatives. */
    private static final int MAX_MESSAGE_BYTES = 16 << 20;
    private static final int MAX_METADATA_BYTES = 16 << 10;
    private static final long KEEPALIVE_SECONDS = 20;
    private static final long KEEPALIVE_TIMEOUT_SECONDS = 10;

    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

    /** The channel to {@code host:port}; connects when it is first used. */
    ManagedChannel to(String address) {
        return channels.computeIfAbsent(address, WorkerChannels::open);
    }

    private static ManagedChannel open(String address) {
        return NettyChannelBuilder.forTarget("dns:///" + address)
                .usePlaintext()
                // Listeners of this coordinator only hand on; that halves the time a hop takes.
                .directExecutor()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxInboundMetadataSize(MAX_METADATA_BYTES)
                .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .build();
    }

    /** Closes the channels to all other addresses, and the calls on them. */
    void retain(Set<String> addresses) {
        channels.forEach((address, channel) -> {
            if (!addresses.contains(address) && channels.remove(address, channel)) {
                channel.shutdownNow();
            }
        });
    }

    @Override
    public void close() {
        retain(Set.of());
    }
}

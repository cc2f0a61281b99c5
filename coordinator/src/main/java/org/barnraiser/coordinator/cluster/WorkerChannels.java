package org.barnraiser.coordinator.cluster;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.barnraiser.proto.WorkerRecord;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.reach.ReachingLinks;
import org.barnraiser.trust.reach.Way;

/** One channel per worker address, kept for as long as the worker is of interest. Thread-safe. */
final class WorkerChannels implements AutoCloseable {
    /** Workers answer with small messages only: progress, tokens, sampled tokens with their most likely alternatives. */
    private static final int MAX_MESSAGE_BYTES = 16 << 20;
    private static final int MAX_METADATA_BYTES = 16 << 10;

    private final Links links;
    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

    WorkerChannels(Links links) {
        this.links = links;
    }

    /** The channel to {@code host:port}; connects when it is first used. */
    ManagedChannel to(String address) {
        return channels.computeIfAbsent(address, this::open);
    }

    /** The same, for calls that nobody may answer in the worker's name, where workers show who they are. */
    Channel answeredBy(WorkerRecord worker) {
        return links.expecting(worker.getWorkerId(), to(worker.getAddress()));
    }

    /** How connections to the worker get there now, in words. */
    String way(WorkerRecord worker) {
        return links instanceof ReachingLinks reaching
                ? reaching.wayTo(worker.getAddress()).words()
                : Way.DIRECT.words();
    }

    private ManagedChannel open(String address) {
        return links.to(address, Set.of(Role.WORKER), channel -> channel
                // Listeners of this coordinator only hand on; that halves the time a hop takes.
                .directExecutor()
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxInboundMetadataSize(MAX_METADATA_BYTES));
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

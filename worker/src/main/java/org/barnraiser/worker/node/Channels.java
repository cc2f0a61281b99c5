package org.barnraiser.worker.node;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Role;

/** What all connections of a worker have in common. */
final class Channels {
    static final Set<Role> WORKER = Set.of(Role.WORKER);
    static final Set<Role> ANY_MEMBER = Set.of(Role.WORKER, Role.COORDINATOR);
    /** A dead neighbour is noticed within keep-alive time plus timeout. */
    static final long KEEP_ALIVE_SECONDS = 10;
    static final long KEEP_ALIVE_TIMEOUT_SECONDS = 5;

    private final Links links;

    Channels(Links links) {
        this.links = links;
    }

    /**
     * A connection that is made on first use.
     *
     * @param maxInboundBytes of one message
     * @param wanted what is expected there
     */
    ManagedChannel dial(String address, int maxInboundBytes, Set<Role> wanted) {
        return links.to(address, wanted, options(maxInboundBytes));
    }

    /** A connection to the same member by a better way than the present one, if there is any. Blocks for some seconds. */
    Optional<ManagedChannel> better(ManagedChannel than, String address, int maxInboundBytes, Set<Role> wanted)
            throws InterruptedException {
        return links.better(than, address, wanted, options(maxInboundBytes));
    }

    private static Consumer<NettyChannelBuilder> options(int maxInboundBytes) {
        return channel -> channel.directExecutor().maxInboundMessageSize(maxInboundBytes)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }
}

package org.barnraiser.worker.node;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.TimeUnit;

/** What all connections of a worker have in common. */
final class Channels {
    /** A dead neighbour is noticed within keep-alive time plus timeout. */
    static final long KEEP_ALIVE_SECONDS = 10;
    static final long KEEP_ALIVE_TIMEOUT_SECONDS = 5;

    private Channels() {}

    /**
     * A connection that is made on first use.
     *
     * @param maxInboundBytes of one message
     */
    static ManagedChannel dial(String address, int maxInboundBytes) {
        return NettyChannelBuilder.forTarget("dns:///" + address).usePlaintext().directExecutor()
                .maxInboundMessageSize(maxInboundBytes).keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS).build();
    }
}

package org.barnraiser.trust;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Neither side shows who it is. */
final class PlainLinks implements Links {
    /** A peer that is silent while a call waits for it is asked so often whether it is there. */
    private static final long KEEP_ALIVE_SECONDS = 20;
    private static final long KEEP_ALIVE_TIMEOUT_SECONDS = 10;

    private final ServerLimits limits;

    PlainLinks(ServerLimits limits) {
        this.limits = limits;
    }

    /** What all connections have in common, certificates or not. */
    static NettyChannelBuilder client(String address) {
        return NettyChannelBuilder.forTarget(target(address))
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    /** What gRPC is to dial; the brackets of an IPv6 address are no letters of a path. */
    static String target(String address) {
        try {
            return new URI("dns", "", "/" + address, null, null).toString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("No address: " + address, e);
        }
    }

    @Override
    public ManagedChannel to(String address, Set<Role> wanted, Consumer<NettyChannelBuilder> options) {
        NettyChannelBuilder channel = client(address).usePlaintext();
        options.accept(channel);
        return channel.build();
    }

    /** A member is dialled, and reached in no other way. */
    @Override
    public Optional<ManagedChannel> better(ManagedChannel than, String address, Set<Role> wanted,
            Consumer<NettyChannelBuilder> options) {
        return Optional.empty();
    }

    @Override
    public NettyServerBuilder at(InetSocketAddress listen, Admission admission) {
        return BoundedServer.at(listen, limits);
    }

    @Override
    public Channel expecting(String id, Channel channel) {
        return channel;
    }

    @Override
    public boolean areSecure() {
        return false;
    }
}

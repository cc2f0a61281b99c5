package org.barnraiser.trust;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.function.Consumer;

/** Neither side shows who it is. */
final class PlainLinks implements Links {
    @Override
    public ManagedChannel to(String address, Set<Role> wanted, Consumer<NettyChannelBuilder> options) {
        NettyChannelBuilder channel = NettyChannelBuilder.forTarget("dns:///" + address).usePlaintext();
        options.accept(channel);
        return channel.build();
    }

    @Override
    public NettyServerBuilder at(InetSocketAddress listen, Admission admission) {
        return NettyServerBuilder.forAddress(listen);
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

package org.barnraiser.trust;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
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
    public ClientInterceptor expecting(String id) {
        return new ClientInterceptor() {
            @Override
            public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options,
                    Channel next) {
                return next.newCall(method, options);
            }
        };
    }

    @Override
    public boolean areSecure() {
        return false;
    }
}

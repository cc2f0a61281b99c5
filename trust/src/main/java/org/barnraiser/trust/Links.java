package org.barnraiser.trust;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The one place where a program's gRPC connections are made, plain or with certificates. Thread-safe. */
public interface Links {
    /** Between processes of one machine, or where the network itself decides who reaches whom. */
    Links PLAIN = new PlainLinks(ServerLimits.USUAL);

    /**
     * A connection to another part of the cluster, made on first use.
     *
     * @param address {@code host:port}
     * @param wanted what is expected there; another is refused
     * @param options sets what else matters
     */
    ManagedChannel to(String address, Set<Role> wanted, Consumer<NettyChannelBuilder> options);

    /**
     * A connection to the same member that gets there by a better way; empty when there is none, as always where members are dialled and in
     * no other way reached. Blocks for some seconds.
     *
     * @param than the present connection, which stays as it is
     */
    Optional<ManagedChannel> better(ManagedChannel than, String address, Set<Role> wanted,
            Consumer<NettyChannelBuilder> options) throws InterruptedException;

    /**
     * A server that is still to be built.
     *
     * @param admission decides on each call where callers are known
     */
    NettyServerBuilder at(InetSocketAddress listen, Admission admission);

    /** The same channel, for calls that only the member of this id may answer; where nobody shows who they are, anyone may. */
    Channel expecting(String id, Channel channel);

    /** Whether certificates are shown and asked for. */
    boolean areSecure();
}

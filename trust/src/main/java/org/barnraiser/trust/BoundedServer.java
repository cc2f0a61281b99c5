package org.barnraiser.trust;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** What every gRPC server of the cluster has in common: it holds its limits before it knows who knocks. */
final class BoundedServer {
    private static final int MAX_METADATA_BYTES = 8 << 10;
    /** Less than any client of ours waits. */
    private static final long PERMITTED_KEEP_ALIVE_SECONDS = 5;
    /** From time to time new calls look anew at who is there; calls that are under way stay on the connection that they have. */
    private static final long CONNECTION_AGE_MINUTES = 60;
    private static final long IDLE_CONNECTION_MINUTES = 10;
    private static final boolean EPOLL = Epoll.isAvailable();
    /** Shared by all servers of this process, and daemons: whoever counts connections must bring its own threads. */
    private static final EventLoopGroup ACCEPTING = threads(1, "grpc-accept");
    private static final EventLoopGroup SERVING = threads(0, "grpc-server");

    private BoundedServer() {}

    /** A server that is still to be built. */
    static NettyServerBuilder at(InetSocketAddress listen, ServerLimits limits) {
        return NettyServerBuilder.forAddress(listen)
                .bossEventLoopGroup(ACCEPTING).workerEventLoopGroup(SERVING)
                .channelFactory(() -> counting(new OpenConnections(limits)))
                .handshakeTimeout(limits.handshake().toMillis(), TimeUnit.MILLISECONDS)
                .maxInboundMetadataSize(MAX_METADATA_BYTES)
                .keepAliveTime(limits.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(limits.keepAliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(PERMITTED_KEEP_ALIVE_SECONDS, TimeUnit.SECONDS).permitKeepAliveWithoutCalls(true)
                .maxConnectionAge(CONNECTION_AGE_MINUTES, TimeUnit.MINUTES)
                .maxConnectionIdle(IDLE_CONNECTION_MINUTES, TimeUnit.MINUTES);
    }

    private static EventLoopGroup threads(int count, String name) {
        IoHandlerFactory handlers = EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        return new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory(name, true), handlers);
    }

    private static ServerChannel counting(OpenConnections open) {
        ServerChannel server = EPOLL ? new EpollServerSocketChannel() : new NioServerSocketChannel();
        server.pipeline().addFirst(new Counter(open));
        return server;
    }

    /** Sees each connection before gRPC does. */
    private static final class Counter extends ChannelInboundHandlerAdapter {
        private final OpenConnections open;

        Counter(OpenConnections open) {
            this.open = open;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object accepted) {
            if (accepted instanceof Channel connection
                    && connection.remoteAddress() instanceof InetSocketAddress remote) {
                InetAddress address = remote.getAddress();
                if (!open.tryAdd(address)) {
                    connection.unsafe().closeForcibly();
                    return;
                }
                var _ = connection.closeFuture().addListener(_ -> open.remove(address));
            }
            context.fireChannelRead(accepted);
        }
    }
}

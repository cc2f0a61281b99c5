package org.barnraiser.trust.reach;

import io.grpc.Server;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.barnraiser.proto.ReachGrpc;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.RevocationsNode;
import org.barnraiser.trust.SecureLinks;

/** A program that lets members meet, and does nothing else. */
public final class RelayNode implements AutoCloseable {
    private static final int MAX_MESSAGE_BYTES = 1 << 20;
    private static final int MAX_CALLS_PER_CONNECTION = 64;

    private final Server server;
    private final CuratorFramework zooKeeper;
    private final RelayDirectory.Announcement announcement;
    private final Optional<RevocationsNode> removed;

    private RelayNode(Server server, CuratorFramework zooKeeper, RelayDirectory.Announcement announcement,
            Optional<RevocationsNode> removed) {
        this.server = server;
        this.zooKeeper = zooKeeper;
        this.announcement = announcement;
        this.removed = removed;
    }

    /**
     * Serves, and goes on announcing itself in the background for as long as it takes.
     *
     * @param advertised {@code host:port} by which members reach it; empty: where it listens
     * @param zooKeeper not started; closed with it
     */
    public static RelayNode start(InetSocketAddress listen, Optional<String> advertised, Links links,
            CuratorFramework zooKeeper) throws IOException {
        Server server = links.at(listen,
                (caller, method) -> caller.isPresent() && ReachGrpc.SERVICE_NAME.equals(method.getServiceName()))
                .directExecutor().addService(ReachService.relay()).maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION).build().start();
        zooKeeper.start();
        RelayDirectory.Announcement announcement = RelayDirectory.announce(zooKeeper, RelayDirectory.Rank.RELAY,
                advertised.orElseGet(() -> Whereabouts.address(listen.getHostString(), server.getPort())));
        return new RelayNode(server, zooKeeper, announcement, links instanceof SecureLinks secure
                ? Optional.of(RevocationsNode.watch(zooKeeper, secure.revocations()))
                : Optional.empty());
    }

    public int port() {
        return server.getPort();
    }

    /** Ends every connection that it carries; members find other ways. */
    @Override
    public void close() {
        announcement.close();
        removed.ifPresent(RevocationsNode::close);
        server.shutdownNow();
        zooKeeper.close();
    }
}

package org.barnraiser.testing.cluster;

import com.google.common.net.HostAndPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.barnraiser.coordinator.cluster.ClusterException;
import org.barnraiser.coordinator.cluster.EmbeddedZooKeeper;
import org.barnraiser.testing.faults.FaultProxy;

/** A ZooKeeper in this process that keeps its data over restarts; each of its clients has a way of its own to it. */
final class RestartableZooKeeper implements AutoCloseable {
    private static final int CLIENT_PATIENCE_MILLIS = 10_000;

    private final Path data;
    private final List<FaultProxy> ways = new CopyOnWriteArrayList<>();
    private EmbeddedZooKeeper server;

    private RestartableZooKeeper(Path data, EmbeddedZooKeeper server) {
        this.data = data;
        this.server = server;
    }

    static RestartableZooKeeper start(Path data) throws ClusterException {
        return new RestartableZooKeeper(data, EmbeddedZooKeeper.start(data));
    }

    /** A way for one client, which goes on leading here over restarts. Owned by this. */
    synchronized FaultProxy way() throws IOException {
        FaultProxy way = FaultProxy.to(address());
        ways.add(way);
        return way;
    }

    /** Stops the server, as a reboot of its machine does. */
    synchronized void stop() {
        server.close();
    }

    /** Starts it again after {@link #stop()}, with its data. */
    synchronized void startAgain() throws ClusterException {
        server = EmbeddedZooKeeper.start(data);
        ways.forEach(way -> way.retarget(address()));
    }

    /** All nodes, of whatever kind. */
    synchronized int znodes() throws Exception {
        try (CuratorFramework client = CuratorFrameworkFactory.newClient(server.connectString(),
                new RetryOneTime(100))) {
            client.start();
            client.blockUntilConnected(CLIENT_PATIENCE_MILLIS, java.util.concurrent.TimeUnit.MILLISECONDS);
            return client.getZookeeperClient().getZooKeeper().getAllChildrenNumber("/");
        }
    }

    private InetSocketAddress address() {
        HostAndPort address = HostAndPort.fromString(server.connectString());
        return new InetSocketAddress(address.getHost(), address.getPort());
    }

    @Override
    public synchronized void close() throws IOException {
        for (FaultProxy way : ways) {
            way.close();
        }
        server.close();
    }
}

package org.barnraiser.coordinator.cluster;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.framework.imps.DefaultACLProvider;
import org.apache.curator.framework.state.SessionConnectionStateErrorPolicy;
import org.apache.curator.retry.BoundedExponentialBackoffRetry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session with ZooKeeper, kept alive and renewed by Curator. A connection that is suspended is not a session that is lost:
 * membership and leadership outlive a blip.
 */
public final class ZooKeeperConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperConnection.class);

    /**
     * A leader that dies is followed by another after this and one tick of the server (2 s as a rule); a pause of the process that is longer
     * costs the leadership, and no answer.
     */
    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(6);
    private static final Duration FIRST_ANSWER_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(5);

    private final CuratorFramework client;

    private ZooKeeperConnection(CuratorFramework client) {
        this.client = client;
    }

    /** Connects with nodes that everyone may read and write, as the embedded server has them. */
    public static ZooKeeperConnection open(String connectString) throws ClusterException {
        return open(connectString, new DefaultACLProvider(), SESSION_TIMEOUT);
    }

    /**
     * Connects; blocks until the first answer, at most some seconds.
     *
     * @param connectString {@code host:port[,host:port…]}
     * @param acls the access list of every node that is created
     * @param sessionTimeout how long the session outlives a silent connection; the server may round it
     */
    static ZooKeeperConnection open(String connectString, ACLProvider acls, Duration sessionTimeout)
            throws ClusterException {
        CuratorFramework client;
        try {
            client = CuratorFrameworkFactory.builder()
                    .connectString(connectString)
                    .sessionTimeoutMs((int) sessionTimeout.toMillis())
                    .connectionTimeoutMs((int) CONNECTION_TIMEOUT.toMillis())
                    .retryPolicy(new BoundedExponentialBackoffRetry(100, 2_000, 5))
                    .connectionStateErrorPolicy(new SessionConnectionStateErrorPolicy())
                    // The address given is the one that works from here; what the ensemble says of itself may not.
                    .ensembleTracker(false)
                    .aclProvider(acls)
                    .build();
            client.start();
        } catch (IllegalArgumentException e) {
            throw new ClusterException("\"" + connectString + "\" is no ZooKeeper address; host:port is wanted.", e);
        }
        client.getConnectionStateListenable()
                .addListener((_, state) -> LOG.info("ZooKeeper connection to {}: {}", connectString, state));
        awaitConnected(client, connectString);
        return new ZooKeeperConnection(client);
    }

    private static void awaitConnected(CuratorFramework client, String connectString) throws ClusterException {
        boolean connected = false;
        try {
            connected = client.blockUntilConnected((int) FIRST_ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterException("The connection to ZooKeeper at " + connectString + " was interrupted.", e);
        } finally {
            if (!connected) {
                client.close();
            }
        }
        if (!connected) {
            throw new ClusterException("ZooKeeper at " + connectString + " does not answer within "
                    + FIRST_ANSWER_TIMEOUT.toSeconds() + " s; check that it runs and that the address is right.");
        }
    }

    CuratorFramework client() {
        return client;
    }

    /** Ends the session; what was registered through it vanishes at once. */
    @Override
    public void close() {
        client.close();
    }
}

package org.barnraiser.coordinator.cluster;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.SessionConnectionStateErrorPolicy;
import org.apache.curator.retry.BoundedExponentialBackoffRetry;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.MemberAcls;
import org.barnraiser.trust.TrustException;
import org.barnraiser.trust.ZooKeeperAccess;
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

    /** Connects to a server that asks for no certificates. */
    public static ZooKeeperConnection open(String connectString) throws ClusterException {
        return open(connectString, Links.PLAIN, SESSION_TIMEOUT);
    }

    /** Connects as a coordinator of a cluster with such links. */
    static ZooKeeperConnection open(String connectString, Links links) throws ClusterException {
        return open(connectString, links, SESSION_TIMEOUT);
    }

    /**
     * Connects; blocks until the first answer, at most some seconds.
     *
     * @param connectString {@code [tls://]host:port[,host:port…]}
     * @param links what is shown to a server that asks for certificates
     * @param sessionTimeout how long the session outlives a silent connection; the server may round it
     */
    static ZooKeeperConnection open(String connectString, Links links, Duration sessionTimeout)
            throws ClusterException {
        ZooKeeperAccess access = ZooKeeperAccess.parse(connectString);
        CuratorFramework client;
        try {
            client = access.client(links)
                    .sessionTimeoutMs((int) sessionTimeout.toMillis())
                    .connectionTimeoutMs((int) CONNECTION_TIMEOUT.toMillis())
                    .retryPolicy(new BoundedExponentialBackoffRetry(100, 2_000, 5))
                    .connectionStateErrorPolicy(new SessionConnectionStateErrorPolicy())
                    // The address given is the one that works from here; what the ensemble says of itself may not.
                    .ensembleTracker(false)
                    .build();
            client.start();
        } catch (TrustException e) {
            throw new ClusterException(String.valueOf(e.getMessage()), e);
        } catch (IllegalArgumentException e) {
            throw new ClusterException("\"" + connectString + "\" is no ZooKeeper address; host:port is wanted.", e);
        }
        client.getConnectionStateListenable()
                .addListener((_, state) -> LOG.info("ZooKeeper connection to {}: {}", connectString, state));
        awaitConnected(client, connectString);
        if (access.secure()) {
            prepare(client);
        }
        return new ZooKeeperConnection(client);
    }

    private static void prepare(CuratorFramework client) throws ClusterException {
        try {
            MemberAcls.prepare(client);
        } catch (Exception e) {
            client.close();
            // Curator declares Exception.
            throw new ClusterException("What members may do in ZooKeeper cannot be set there: " + e.getMessage() + ".",
                    e);
        }
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

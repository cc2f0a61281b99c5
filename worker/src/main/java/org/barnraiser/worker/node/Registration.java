package org.barnraiser.worker.node;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.imps.CuratorFrameworkState;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.retry.RetryNTimes;
import org.apache.zookeeper.CreateMode;
import org.barnraiser.proto.WorkerRecord;
import org.barnraiser.trust.Discretion;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.MemberAcls;
import org.barnraiser.trust.RevocationsNode;
import org.barnraiser.trust.SecureLinks;
import org.barnraiser.trust.TrustException;
import org.barnraiser.trust.ZooKeeperAccess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the cluster that this worker is there: an ephemeral node {@code /barnraiser/services/worker/ID-INCARNATION} whose
 * data is the record as JSON. Curator makes the node again after a lost session. The path carries the incarnation,
 * because the node of a worker that was restarted quickly would else belong to its dead predecessor's session.
 *
 * <p>In a ZooKeeper that asks for certificates it is the worker's own ({@link org.barnraiser.trust.MemberAcls}); in another, everyone's who
 * reaches it.
 */
final class Registration implements AutoCloseable {
    static final String FOLDER = MemberAcls.WORKERS;
    private static final int SESSION_TIMEOUT_MILLIS = 6_000;
    private static final int CONNECTION_TIMEOUT_MILLIS = 10_000;
    private static final int RETRIES = 3;
    private static final int RETRY_MILLIS = 1_000;
    private static final Duration UNREGISTER_PATIENCE = Duration.ofSeconds(1);
    private static final Logger log = LoggerFactory.getLogger(Registration.class);

    private final CuratorFramework client;
    private final PersistentNode node;
    private final Optional<RevocationsNode> removed;
    private volatile boolean takenBack;

    private Registration(CuratorFramework client, PersistentNode node, Optional<RevocationsNode> removed) {
        this.removed = removed;
        this.client = client;
        this.node = node;
    }

    /** Starts registering, and goes on trying in the background for as long as it takes. */
    static Registration start(String zooKeeper, WorkerRecord record) throws TrustException {
        return start(client(zooKeeper), record);
    }

    /**
     * The same with a client that was made for it.
     *
     * @param client closed with the registration
     */
    static Registration start(CuratorFramework client, WorkerRecord record) {
        return start(client, record, Links.PLAIN);
    }

    /** The same; the links are told of members that were removed. */
    static Registration start(CuratorFramework client, WorkerRecord record, Links links) {
        if (client.getState() == CuratorFrameworkState.LATENT) {
            client.start();
        }
        var path = FOLDER + "/" + record.getWorkerId() + "-" + record.getIncarnationId();
        var node = new PersistentNode(client, CreateMode.EPHEMERAL, false, path, json(record));
        node.start();
        Optional<RevocationsNode> removed = links instanceof SecureLinks secure
                ? Optional.of(RevocationsNode.watch(client, secure.revocations()))
                : Optional.empty();
        return new Registration(client, node, removed);
    }

    static CuratorFramework client(String zooKeeper) throws TrustException {
        return client(zooKeeper, Links.PLAIN);
    }

    /**
     * A client that is not started.
     *
     * @throws TrustException when ZooKeeper wants a certificate and this worker has none
     */
    static CuratorFramework client(String zooKeeper, Links links) throws TrustException {
        return ZooKeeperAccess.parse(zooKeeper).client(links)
                .sessionTimeoutMs(SESSION_TIMEOUT_MILLIS).connectionTimeoutMs(CONNECTION_TIMEOUT_MILLIS)
                .retryPolicy(new RetryNTimes(RETRIES, RETRY_MILLIS)).build();
    }

    /** Whether the cluster has heard of this worker in time. */
    boolean awaitRegistered(long timeoutSeconds) throws InterruptedException {
        return node.waitForInitialCreate(timeoutSeconds, TimeUnit.SECONDS);
    }

    /** Replaces the record. */
    void update(WorkerRecord record) throws Exception {
        node.setData(json(record));
    }

    private static byte[] json(WorkerRecord record) {
        try {
            return JsonFormat.printer().omittingInsignificantWhitespace().print(record)
                    .getBytes(StandardCharsets.UTF_8);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("A worker's record can always be printed", e);
        }
    }

    /**
     * Unregisters: takes the node away while that is answered soon, and ends the session in any case. The node goes first,
     * since one that sees its client closed tries to come back without end.
     */
    @Override
    public void close() {
        // It would tell at length what it cannot do any more; one sentence of ours is enough.
        Discretion.silence("org.apache.curator");
        removed.ifPresent(RevocationsNode::close);
        Thread unregistering = Thread.ofVirtual().name("unregister").start(this::removeNode);
        try {
            unregistering.join(UNREGISTER_PATIENCE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        if (!takenBack) {
            log.info("ZooKeeper does not answer, so the cluster learns within {} s that this worker has left.",
                    SESSION_TIMEOUT_MILLIS / 1_000);
        }
        client.close();
    }

    private void removeNode() {
        try {
            node.close();
            takenBack = true;
        } catch (IOException | IllegalStateException e) {
            log.debug("The registration could not be taken back and ends with its session: {}", e.toString());
        }
    }
}

package org.barnraiser.worker.node;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.curator.retry.RetryNTimes;
import org.apache.zookeeper.CreateMode;
import org.barnraiser.proto.WorkerRecord;

/**
 * Tells the cluster that this worker is there: an ephemeral node {@code /barnraiser/services/worker/ID-INCARNATION} whose
 * data is the record as JSON. Curator makes the node again after a lost session. The path carries the incarnation,
 * because the node of a worker that was restarted quickly would else belong to its dead predecessor's session.
 *
 * <p>Nodes have ZooKeeper's default access list, open to everyone who reaches ZooKeeper; so only trusted machines may.
 */
final class Registration implements AutoCloseable {
    static final String FOLDER = "/barnraiser/services/worker";
    private static final int SESSION_TIMEOUT_MILLIS = 15_000;
    private static final int CONNECTION_TIMEOUT_MILLIS = 10_000;
    private static final int RETRIES = 3;
    private static final int RETRY_MILLIS = 1_000;

    private final CuratorFramework client;
    private final PersistentNode node;

    private Registration(CuratorFramework client, PersistentNode node) {
        this.client = client;
        this.node = node;
    }

    /** Starts registering, and goes on trying in the background for as long as it takes. */
    static Registration start(String zooKeeper, WorkerRecord record) {
        CuratorFramework client = CuratorFrameworkFactory.builder().connectString(zooKeeper)
                .sessionTimeoutMs(SESSION_TIMEOUT_MILLIS).connectionTimeoutMs(CONNECTION_TIMEOUT_MILLIS)
                .retryPolicy(new RetryNTimes(RETRIES, RETRY_MILLIS)).build();
        client.start();
        var path = FOLDER + "/" + record.getWorkerId() + "-" + record.getIncarnationId();
        var node = new PersistentNode(client, CreateMode.EPHEMERAL, false, path, json(record));
        node.start();
        return new Registration(client, node);
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

    /** Unregisters by ending the session, which needs no answer from a ZooKeeper that may be gone. */
    @Override
    public void close() {
        client.close();
    }
}

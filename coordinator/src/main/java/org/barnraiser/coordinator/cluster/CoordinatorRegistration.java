package org.barnraiser.coordinator.cluster;

import java.io.IOException;
import java.time.Duration;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.zookeeper.CreateMode;
import org.barnraiser.proto.CoordinatorRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in ZooKeeper that this coordinator is there, for as long as its session lives, and again after a lost session. */
final class CoordinatorRegistration implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CoordinatorRegistration.class);
    private static final Duration UNREGISTER_PATIENCE = Duration.ofSeconds(1);

    private final PersistentNode node;

    /**
     * Makes a registration.
     *
     * @param coordinator its id must be new at every start
     */
    CoordinatorRegistration(CuratorFramework client, CoordinatorRecord coordinator) {
        node = new PersistentNode(client, CreateMode.EPHEMERAL, false,
                ClusterPaths.COORDINATORS + "/" + coordinator.getCoordinatorId(), RecordJson.encode(coordinator));
    }

    /** Begins to register; returns at once. */
    void start() {
        node.start();
    }

    /** Takes the node away while ZooKeeper answers soon; else it ends with the session. */
    @Override
    public void close() {
        Thread unregistering = Thread.ofVirtual().name("unregister").start(this::removeNode);
        try {
            unregistering.join(UNREGISTER_PATIENCE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void removeNode() {
        try {
            node.close();
        } catch (IOException e) {
            LOG.debug("The registration could not be taken back and ends with its session.", e);
        }
    }
}

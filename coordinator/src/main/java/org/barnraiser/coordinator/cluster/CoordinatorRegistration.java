package org.barnraiser.coordinator.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.zookeeper.CreateMode;
import org.barnraiser.proto.CoordinatorRecord;

/** Says in ZooKeeper that this coordinator is there, for as long as its session lives, and again after a lost session. */
final class CoordinatorRegistration implements AutoCloseable {
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

    @Override
    public void close() {
        try {
            node.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

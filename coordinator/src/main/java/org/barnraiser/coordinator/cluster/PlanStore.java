package org.barnraiser.coordinator.cluster;

import java.util.List;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.barnraiser.proto.PlanRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The current plan of each pipeline: one versioned node that is never deleted, so that its version, plus one, is an epoch that only
 * grows. Blocks on ZooKeeper.
 */
final class PlanStore {
    private static final Logger LOG = LoggerFactory.getLogger(PlanStore.class);

    private final CuratorFramework client;

    PlanStore(CuratorFramework client) {
        this.client = client;
    }

    /**
     * What is in a pipeline's node.
     *
     * @param epoch of the newest plan; 0 when there never was one
     * @param plan the newest plan; empty when there is none or what is there is no plan
     */
    record Stored(long epoch, Optional<PlanRecord> plan) {}

    /** The nodes of all pipelines that there ever was a plan for. */
    List<String> nodes() throws ClusterException {
        try {
            return client.getChildren().forPath(ClusterPaths.PLANS);
        } catch (KeeperException.NoNodeException _) {
            return List.of();
        } catch (Exception e) {
            throw failed("The plans in ZooKeeper (" + ClusterPaths.PLANS + ") cannot be listed", e);
        }
    }

    Stored read(String node) throws ClusterException {
        String path = path(node);
        Stat stat = new Stat();
        byte[] data;
        try {
            data = client.getData().storingStatIn(stat).forPath(path);
        } catch (KeeperException.NoNodeException _) {
            return new Stored(0, Optional.empty());
        } catch (Exception e) {
            throw failed("The plan in ZooKeeper (" + path + ") cannot be read", e);
        }
        long epoch = stat.getVersion() + 1L;
        try {
            return new Stored(epoch, Optional.of(RecordJson.decode(data, PlanRecord.newBuilder()).build()));
        } catch (InvalidRecordException e) {
            LOG.warn("The plan in {} is ignored: {}", path, e.getMessage());
            return new Stored(epoch, Optional.empty());
        }
    }

    /**
     * Writes a plan as the successor of the one with the given epoch.
     *
     * @param node of its pipeline
     * @return the plan with its own epoch, {@code after + 1}
     * @throws PlanConflictException when the newest plan is not that one; nothing was written then, or what was written has been
     *         overtaken
     */
    PlanRecord write(String node, PlanRecord plan, long after) throws ClusterException, PlanConflictException {
        PlanRecord next = plan.toBuilder().setEpoch(after + 1).build();
        String path = path(node);
        try {
            if (after == 0) {
                client.create().creatingParentsIfNeeded().forPath(path, RecordJson.encode(next));
            } else {
                client.setData().withVersion(Math.toIntExact(after - 1)).forPath(path, RecordJson.encode(next));
            }
            return next;
        } catch (KeeperException.NodeExistsException | KeeperException.BadVersionException e) {
            throw new PlanConflictException("The plan of epoch " + after + " is not the newest any more.", e);
        } catch (Exception e) {
            throw failed("The plan in ZooKeeper (" + path + ") cannot be written", e);
        }
    }

    private static String path(String node) {
        return ClusterPaths.PLANS + "/" + node;
    }

    /** Curator declares Exception; an interrupt stays one. */
    private static ClusterException failed(String what, Exception e) {
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        return new ClusterException(what + ": " + e.getMessage(), e);
    }
}

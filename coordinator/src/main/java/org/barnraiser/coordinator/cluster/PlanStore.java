package org.barnraiser.coordinator.cluster;

import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.barnraiser.proto.PlanRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The current plan of each model: one versioned node that is never deleted, so that its version, plus one, is an epoch that only
 * grows. Blocks on ZooKeeper.
 */
final class PlanStore {
    private static final Logger LOG = LoggerFactory.getLogger(PlanStore.class);

    private final CuratorFramework client;

    PlanStore(CuratorFramework client) {
        this.client = client;
    }

    /** The epoch of the newest plan of a model; 0 when there never was one. */
    long epoch(String modelDigest) throws ClusterException {
        try {
            Stat stat = client.checkExists().forPath(path(modelDigest));
            return stat == null ? 0 : stat.getVersion() + 1L;
        } catch (Exception e) {
            throw failed("read", modelDigest, e);
        }
    }

    /** The newest plan of a model; empty when there is none or what is there is no plan. */
    Optional<PlanRecord> read(String modelDigest) throws ClusterException {
        try {
            byte[] data = client.getData().forPath(path(modelDigest));
            return Optional.of(RecordJson.decode(data, PlanRecord.newBuilder()).build());
        } catch (KeeperException.NoNodeException _) {
            return Optional.empty();
        } catch (InvalidRecordException e) {
            LOG.warn("The plan in {} is ignored: {}", path(modelDigest), e.getMessage());
            return Optional.empty();
        } catch (Exception e) {
            throw failed("read", modelDigest, e);
        }
    }

    /**
     * Writes a plan as the successor of the one with the given epoch.
     *
     * @return the plan with its own epoch, {@code after + 1}
     * @throws PlanConflictException when the newest plan is not that one; nothing was written then, or what was written has been
     *         overtaken
     */
    PlanRecord write(PlanRecord plan, long after) throws ClusterException, PlanConflictException {
        PlanRecord next = plan.toBuilder().setEpoch(after + 1).build();
        String path = path(plan.getModelDigest());
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
            throw failed("written", plan.getModelDigest(), e);
        }
    }

    private static String path(String modelDigest) {
        return ClusterPaths.PLANS + "/" + modelDigest;
    }

    /** Curator declares Exception; an interrupt stays one. */
    private static ClusterException failed(String verb, String modelDigest, Exception e) {
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        return new ClusterException(
                "The plan in ZooKeeper (" + path(modelDigest) + ") cannot be " + verb + ": " + e.getMessage(),
                e);
    }
}

package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.locks.StandardLockInternalsDriver;
import org.apache.curator.utils.ZKPaths;
import org.barnraiser.proto.CoordinatorRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which coordinators are registered, and which of them leads: the one whose node in the latch is the oldest. The listener hears it on the event
 * loop after each change. While ZooKeeper is out of reach the last knowledge stands; after a reconnect everything is read again.
 */
final class CoordinatorMembership implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CoordinatorMembership.class);

    /** More nodes than any cluster has coordinators; the rest are ignored. */
    private static final int MAX_NODES = 256;
    /** What {@link org.apache.curator.framework.recipes.leader.LeaderLatch} puts before the number of a node. */
    private static final String LATCH_NODE = "latch-";
    private static final int MAX_ID_LENGTH = 128;

    private final CuratorCache registered;
    private final CuratorCache latch;

    /**
     * Who coordinates.
     *
     * @param coordinators in the order of their registration
     * @param leader of these; empty while none leads, or the one that leads is not registered yet
     */
    record View(ImmutableList<CoordinatorRecord> coordinators, Optional<CoordinatorRecord> leader) {
        static final View EMPTY = new View(ImmutableList.of(), Optional.empty());
    }

    CoordinatorMembership(CuratorFramework client, EventLoop loop, Consumer<View> listener) {
        registered = cache(client, ClusterPaths.COORDINATORS);
        latch = cache(client, ClusterPaths.LEADER);
        CuratorCacheListener onChange = CuratorCacheListener.builder()
                .forAll((_, _, _) -> loop.execute(() -> listener.accept(read())))
                .build();
        registered.listenable().addListener(onChange);
        latch.listenable().addListener(onChange);
    }

    private static CuratorCache cache(CuratorFramework client, String path) {
        return CuratorCache.builder(client, path)
                .withExceptionHandler(e -> LOG.warn("The list in {} cannot be read: {}", path, e.toString()))
                .build();
    }

    void start() {
        registered.start();
        latch.start();
    }

    private View read() {
        ImmutableList<CoordinatorRecord> coordinators = children(registered, ClusterPaths.COORDINATORS)
                .sorted(Comparator.comparingLong(node -> node.getStat().getCzxid()))
                .flatMap(node -> parse(node).stream())
                .collect(ImmutableList.toImmutableList());
        Optional<CoordinatorRecord> leader = children(latch, ClusterPaths.LEADER)
                .min(Comparator.comparing(
                        node -> StandardLockInternalsDriver.standardFixForSorting(node.getPath(), LATCH_NODE)))
                .map(node -> new String(node.getData(), StandardCharsets.UTF_8))
                .flatMap(id -> coordinators.stream().filter(other -> other.getCoordinatorId().equals(id)).findAny());
        return new View(coordinators, leader);
    }

    private static Stream<ChildData> children(CuratorCache cache, String folder) {
        return cache.stream()
                .filter(node -> !node.getPath().equals(folder)
                        && ZKPaths.getPathAndNode(node.getPath()).getPath().equals(folder))
                .limit(MAX_NODES);
    }

    /** Anyone may write a node; one that is no coordinator's is nobody. */
    private static Optional<CoordinatorRecord> parse(ChildData node) {
        try {
            CoordinatorRecord record = RecordJson.decode(node.getData(), CoordinatorRecord.newBuilder()).build();
            boolean valid = record.getCoordinatorId().equals(ZKPaths.getNodeFromPath(node.getPath()))
                    && record.getCoordinatorId().length() <= MAX_ID_LENGTH
                    && Addresses.isHostAndPort(record.getGrpcAddress());
            return valid ? Optional.of(record) : Optional.empty();
        } catch (InvalidRecordException e) {
            LOG.debug("The node {} is ignored: {}", node.getPath(), e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        registered.close();
        latch.close();
    }
}

package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.utils.ZKPaths;
import org.barnraiser.proto.WorkerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which workers are registered. The listener hears the whole list on the event loop: once the first list is known, and then
 * some time after each change, so that a burst of changes is heard once. Missing from the list means suspect, not gone: the
 * worker's session may have ended while it still computes. While ZooKeeper is out of reach the last list stands; after a
 * reconnect everything is read again.
 */
final class WorkerMembership implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerMembership.class);

    /** More nodes than any cluster has workers; the rest are ignored. */
    private static final int MAX_NODES = 4096;

    private final CuratorCache cache;
    private final EventLoop loop;
    private final Duration settle;
    private final Consumer<ImmutableList<WorkerRecord>> listener;
    private final AtomicBoolean announced = new AtomicBoolean();
    /** Nodes already complained of. Owned by the event loop. */
    private final Set<String> ignored = new HashSet<>();

    WorkerMembership(CuratorFramework client, EventLoop loop, Duration settle,
            Consumer<ImmutableList<WorkerRecord>> listener) {
        this.loop = loop;
        this.settle = settle;
        this.listener = listener;
        cache = CuratorCache.builder(client, ClusterPaths.WORKERS)
                .withExceptionHandler(e -> LOG.warn("The list of workers cannot be read: {}", e.toString()))
                .build();
        cache.listenable().addListener(CuratorCacheListener.builder()
                .forAll((_, _, _) -> announce())
                .forInitialized(this::announce)
                .afterInitialized()
                .build());
    }

    void start() {
        cache.start();
    }

    private void announce() {
        if (announced.compareAndSet(false, true)) {
            loop.schedule(settle, () -> {
                announced.set(false);
                listener.accept(read());
            });
        }
    }

    /** The registered workers by name; of two incarnations of one worker, the newer. */
    private ImmutableList<WorkerRecord> read() {
        Map<String, WorkerRecord> newest = new TreeMap<>();
        Map<String, Long> createdAt = new HashMap<>();
        cache.stream().filter(node -> isWorkerNode(node.getPath())).limit(MAX_NODES).forEach(node -> parse(node)
                .ifPresent(worker -> {
                    String id = worker.getWorkerId();
                    // czxid orders the nodes by their creation over the whole ensemble.
                    if (node.getStat().getCzxid() > createdAt.getOrDefault(id, Long.MIN_VALUE)) {
                        createdAt.put(id, node.getStat().getCzxid());
                        newest.put(id, worker);
                    }
                }));
        return ImmutableList.copyOf(newest.values());
    }

    private static boolean isWorkerNode(String path) {
        return !path.equals(ClusterPaths.WORKERS)
                && ZKPaths.getPathAndNode(path).getPath().equals(ClusterPaths.WORKERS);
    }

    private Optional<WorkerRecord> parse(ChildData node) {
        try {
            return Optional.of(WorkerRecords.parse(ZKPaths.getNodeFromPath(node.getPath()), node.getData()));
        } catch (InvalidRecordException e) {
            if (ignored.size() < MAX_NODES && ignored.add(node.getPath())) {
                LOG.warn("The node {} is ignored: {}", node.getPath(), e.getMessage());
            }
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        cache.close();
    }
}

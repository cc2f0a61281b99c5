package org.barnraiser.trust;

import java.util.Arrays;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the list of removed members lies for all to see: one node in ZooKeeper. The list is signed, so it does not matter who may write
 * there; without ZooKeeper the last list counts.
 */
public final class RevocationsNode implements AutoCloseable {
    public static final String PATH = "/barnraiser/trust/revocations";
    private static final Logger LOG = LoggerFactory.getLogger(RevocationsNode.class);

    private final CuratorFramework client;
    private final CuratorCache cache;

    private RevocationsNode(CuratorFramework client, CuratorCache cache) {
        this.client = client;
        this.cache = cache;
    }

    /** From now on every newer list is taken from there. Returns at once. */
    public static RevocationsNode watch(CuratorFramework client, Revocations revocations) {
        CuratorCache cache = CuratorCache.build(client, PATH, CuratorCache.Options.SINGLE_NODE_CACHE);
        cache.listenable().addListener((_, _, now) -> {
            if (now != null && now.getData() != null && now.getData().length > 0) {
                take(revocations, now.getData());
            }
        });
        cache.start();
        return new RevocationsNode(client, cache);
    }

    private static void take(Revocations revocations, byte[] list) {
        try {
            if (revocations.accept(list)) {
                LOG.info("Members were removed from the cluster; they are refused from now on.");
            }
        } catch (TrustException e) {
            LOG.warn("What ZooKeeper has at {} is not taken: {}", PATH, e.getMessage());
        }
    }

    /** Puts this list there unless it is there; blocks. */
    public void publish(byte[] list) throws Exception {
        Optional<ChildData> present = cache.get(PATH);
        if (present.isEmpty() || !Arrays.equals(present.get().getData(), list)) {
            client.create().orSetData().creatingParentsIfNeeded().forPath(PATH, list);
        }
    }

    @Override
    public void close() {
        cache.close();
    }
}

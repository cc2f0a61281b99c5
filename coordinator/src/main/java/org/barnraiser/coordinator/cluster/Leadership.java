package org.barnraiser.coordinator.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;

/**
 * Whether this coordinator should lead. A hint only: two leaders may be seen for a moment, and then the plan's epoch decides.
 * Who loses it stops planning, not serving.
 */
final class Leadership implements AutoCloseable {
    private final LeaderLatch latch;

    /**
     * Makes a candidate.
     *
     * @param listener hears every change on the event loop; nothing is heard before the first time it leads
     */
    Leadership(CuratorFramework client, String coordinatorId, EventLoop loop, Consumer<Boolean> listener) {
        latch = new LeaderLatch(client, ClusterPaths.LEADER, coordinatorId);
        latch.addListener(new LeaderLatchListener() {
            @Override
            public void isLeader() {
                listener.accept(true);
            }

            @Override
            public void notLeader() {
                listener.accept(false);
            }
        }, loop);
    }

    void start() throws ClusterException {
        try {
            latch.start();
        } catch (Exception e) {
            // LeaderLatch declares Exception.
            throw new ClusterException("This coordinator cannot stand for leader: " + e.getMessage(), e);
        }
    }

    /** Stands for leader no more, and leads no more; another one may lead at once. Harmless when repeated. */
    @Override
    public void close() {
        if (latch.getState() != LeaderLatch.State.STARTED) {
            return;
        }
        try {
            latch.close(LeaderLatch.CloseMode.NOTIFY_LEADER);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

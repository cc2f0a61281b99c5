package org.barnraiser.coordinator.web;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.model.ClusterStatus;

/** Keeps the history of what goes on, on a virtual thread of its own. */
final class ActivitySampler implements AutoCloseable {
    private final ClusterStatus.Source cluster;
    private final ActivityHistory history = new ActivityHistory();
    private final CountDownLatch closed = new CountDownLatch(1);

    private ActivitySampler(ClusterStatus.Source cluster) {
        this.cluster = cluster;
    }

    static ActivitySampler start(ClusterStatus.Source cluster) {
        ActivitySampler sampler = new ActivitySampler(cluster);
        Thread.ofVirtual().name("activity-history").start(sampler::run);
        return sampler;
    }

    ActivityHistory history() {
        return history;
    }

    private void run() {
        try {
            do {
                history.add(System.currentTimeMillis(), cluster.clusterStatus().activity());
            } while (!closed.await(ActivityHistory.INTERVAL_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}

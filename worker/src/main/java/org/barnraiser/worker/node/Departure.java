package org.barnraiser.worker.node;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.LoadShardRequest.Extent;
import org.barnraiser.proto.Wish;
import org.barnraiser.worker.node.Lending.State;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what the owner of this machine wants. The cluster hears of it at once. A machine that leaves lets go of what it only
 * holds ready. One that is taken back also unloads what runs, when the coordinator has had some seconds to let the answers
 * go on elsewhere. Everything happens on one thread.
 */
final class Departure implements AutoCloseable {
    /** What the coordinator has, so that the machine is free within ten seconds. */
    static final Duration GRACE = Duration.ofSeconds(5);
    private static final long LOOK_MILLIS = 500;
    private static final Duration UNLOAD_PATIENCE = Duration.ofSeconds(3);
    private static final Logger LOG = LoggerFactory.getLogger(Departure.class);

    private final Lending lending;
    private final StageRegistry registry;
    private final LoadClaims loads;
    private final Runnable onChange;
    private final ScheduledExecutorService thread = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("lending").factory());
    /** These three are owned by the thread. */
    private State acted = new State(Wish.WISH_LEND, "");
    private boolean vacated;
    private @Nullable Long reclaimedNanos;

    /**
     * @param onChange is called when the wish has changed
     */
    Departure(Lending lending, StageRegistry registry, LoadClaims loads, Runnable onChange) {
        this.lending = lending;
        this.registry = registry;
        this.loads = loads;
        this.onChange = onChange;
    }

    /** Looks at the wish from now on. */
    void start() {
        var _ = thread.scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            State now = lending.now();
            if (!now.equals(acted)) {
                begin(now);
                acted = now;
                onChange.run();
            }
            if (reclaimedNanos != null && !vacated && System.nanoTime() - reclaimedNanos >= GRACE.toNanos()) {
                vacated = true;
                unload(registry.vacate());
                LOG.info("This machine is free");
            }
        } catch (RuntimeException e) {
            LOG.error("What the owner wants could not be done", e);
        }
    }

    private void begin(State now) {
        LOG.info("The owner of this machine wants {} {}", now.wish(), now.reason());
        boolean reclaimed = now.wish() == Wish.WISH_RECLAIM;
        if (now.wish() != Wish.WISH_LEND) {
            loads.cancel(extent -> reclaimed || extent != Extent.RUN);
            unload(registry.removePrepared());
        }
        if (!reclaimed) {
            registry.admit();
            reclaimedNanos = null;
            vacated = false;
        } else if (reclaimedNanos == null) {
            reclaimedNanos = System.nanoTime();
        }
    }

    private static void unload(List<HostedStage> stages) {
        stages.forEach(HostedStage::close);
        try {
            for (HostedStage stage : stages) {
                if (!stage.awaitClosed(UNLOAD_PATIENCE)) {
                    LOG.warn("Still computing, and freed afterwards: {}", stage);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}

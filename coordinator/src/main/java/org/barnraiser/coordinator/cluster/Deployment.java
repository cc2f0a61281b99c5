package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.barnraiser.proto.WorkerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to load all stages of a plan, at once: when one stage fails, the loads of the others are cancelled. What is loaded stays
 * loaded for the next attempt, which keeps it where the plan stays the same. One virtual thread per stage waits for its worker.
 */
final class Deployment implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Deployment.class);

    private final ImmutableSetMultimap<String, String> prepared;
    private final Unloader unloader;
    private final Listener listener;
    private final ImmutableList<StageLoad> loads;
    private final CountDownLatch running;
    /** Why the attempt has failed; the first reason stands. */
    private final AtomicReference<@Nullable Failed> failure = new AtomicReference<>();

    private record Failed(String reason, Optional<WorkerRecord> culprit) {}

    /** Hears of an attempt, from any thread. */
    interface Listener {
        /** How far the slowest stage is, in words. */
        void onProgress(String progress);

        void onLoaded();

        /**
         * Hears why, once.
         *
         * @param reason one sentence in plain words
         * @param culprit the worker without which it might have worked
         */
        void onFailed(String reason, Optional<WorkerRecord> culprit);
    }

    private Deployment(Rollout rollout, ImmutableSetMultimap<String, String> prepared, WorkerChannels channels,
            Duration loadStall, Unloader unloader, Listener listener) {
        this.prepared = prepared;
        this.unloader = unloader;
        this.listener = listener;
        running = new CountDownLatch(rollout.stages().size());
        loads = rollout.stages().stream()
                .map(stage -> StageLoad.of(stage, channels.to(stage.worker().getAddress()), loadStall,
                        this::announceProgress))
                .collect(ImmutableList.toImmutableList());
    }

    /**
     * Begins to load; returns at once. The listener hears of exactly one end.
     *
     * @param prepared ids of the shards that each incarnation holds in memory; those that it is not to run make room
     */
    static Deployment start(Rollout rollout, ImmutableSetMultimap<String, String> prepared, WorkerChannels channels,
            Duration loadStall, Unloader unloader, Listener listener) {
        Deployment deployment = new Deployment(rollout, prepared, channels, loadStall, unloader, listener);
        // Downstream stages first: each finds its next stage loaded when it opens the link.
        deployment.loads.reverse()
                .forEach(load -> Thread.ofVirtual().name("load-" + load.stage().worker().getWorkerId())
                        .start(() -> deployment.await(load)));
        Thread.ofVirtual().name("deployment-" + rollout.epoch()).start(deployment::finish);
        return deployment;
    }

    private void await(StageLoad load) {
        WorkerRecord worker = load.stage().worker();
        try {
            prepared.get(worker.getIncarnationId()).stream()
                    .filter(shard -> !shard.equals(load.stage().load().getShard().getShardId()))
                    .forEach(shard -> unloader.discard(worker, shard));
            load.await().ifPresent(failed -> fail(
                    new Failed(failed.reason(), failed.blamesWorker() ? Optional.of(worker) : Optional.empty())));
        } catch (RuntimeException e) {
            LOG.error("The loading of {} failed", load.stage().words(), e);
            fail(new Failed("The coordinator failed while loading " + load.stage().words() + ": "
                    + e.getClass().getSimpleName() + ".", Optional.empty()));
        } finally {
            running.countDown();
        }
    }

    private void finish() {
        try {
            // Each load has its own deadline.
            running.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
        Failed failed = failure.get();
        if (failed == null) {
            listener.onLoaded();
        } else {
            listener.onFailed(failed.reason(), failed.culprit());
        }
    }

    private void fail(Failed failed) {
        if (failure.compareAndSet(null, failed)) {
            loads.forEach(StageLoad::cancel);
        }
    }

    private void announceProgress() {
        listener.onProgress(loads.stream()
                .map(StageLoad::progress)
                .min(Comparator.comparingDouble(StageLoad.Progress::phases))
                .orElseThrow()
                .words());
    }

    /** Gives up; the listener hears of the end when that is done. Never blocks. */
    @Override
    public void close() {
        fail(new Failed("The attempt was given up.", Optional.empty()));
    }
}

package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import io.grpc.StatusRuntimeException;
import java.util.Comparator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.barnraiser.proto.UnloadRequest;
import org.barnraiser.proto.WorkerControlGrpc;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to load all stages of a plan, at once and all or none: when one stage fails, the loads of the others are cancelled
 * and what was loaded is unloaded. One virtual thread per stage waits for its worker.
 */
final class Deployment implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Deployment.class);

    private final Rollout rollout;
    private final WorkerChannels channels;
    private final ClusterTimings timings;
    private final Listener listener;
    private final ImmutableList<StageLoad> loads;
    private final CountDownLatch running;
    /** Why the attempt has failed; the first reason stands. */
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();

    /** Hears of an attempt, from any thread. */
    interface Listener {
        /** How far the slowest stage is, in words. */
        void onProgress(String progress);

        void onLoaded();

        /**
         * Nothing stays loaded.
         *
         * @param reason one sentence in plain words
         */
        void onFailed(String reason);
    }

    private Deployment(Rollout rollout, WorkerChannels channels, ClusterTimings timings, Listener listener) {
        this.rollout = rollout;
        this.channels = channels;
        this.timings = timings;
        this.listener = listener;
        running = new CountDownLatch(rollout.stages().size());
        loads = rollout.stages().stream()
                .map(stage -> StageLoad.start(stage, channels.to(stage.worker().getAddress()), timings.loadStall(),
                        this::announceProgress))
                .collect(ImmutableList.toImmutableList());
    }

    /** Begins to load; returns at once. The listener hears of exactly one end. */
    static Deployment start(Rollout rollout, WorkerChannels channels, ClusterTimings timings, Listener listener) {
        Deployment deployment = new Deployment(rollout, channels, timings, listener);
        Thread.ofVirtual().name("dismiss").start(() -> rollout.dismissed().forEach(deployment::unload));
        deployment.loads.forEach(load -> Thread.ofVirtual().name("load-" + load.stage().worker().getWorkerId())
                .start(() -> deployment.await(load)));
        Thread.ofVirtual().name("deployment-" + rollout.epoch()).start(deployment::finish);
        return deployment;
    }

    private void await(StageLoad load) {
        try {
            load.await().ifPresent(this::fail);
        } catch (RuntimeException e) {
            LOG.error("The loading of {} failed", load.stage().words(), e);
            fail("The coordinator failed while loading " + load.stage().words() + ": " + e.getClass().getSimpleName()
                    + ".");
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
        String reason = failure.get();
        if (reason == null) {
            listener.onLoaded();
        } else {
            rollout.stages().forEach(stage -> unload(stage.worker().getAddress()));
            listener.onFailed(reason);
        }
    }

    /** Best effort: who is out of reach now gets another plan, or none, later. */
    private void unload(String address) {
        try {
            var _ = WorkerControlGrpc.newBlockingStub(channels.to(address))
                    .withDeadlineAfter(timings.call().toNanos(), TimeUnit.NANOSECONDS)
                    .unload(UnloadRequest.newBuilder()
                            .setPipelineId(rollout.pipelineId())
                            .setEpoch(rollout.epoch())
                            .build());
        } catch (StatusRuntimeException e) {
            LOG.info("The worker at {} was not unloaded: {}", address, StatusText.of(e.getStatus()));
        }
    }

    private void fail(String reason) {
        if (failure.compareAndSet(null, reason)) {
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
        fail("The attempt was given up.");
    }
}

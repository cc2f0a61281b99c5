package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSetMultimap;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.cluster.StageLoad.Failure;
import org.barnraiser.proto.LoadShardRequest.Extent;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.StageRecord;
import org.barnraiser.proto.WorkerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Brings what a better plan needs to its machines while another plan runs: into memory where there is room beside what runs, else
 * onto the disk, so that the switch is short.
 */
final class Move implements AutoCloseable {
    private final Proposal proposal;
    private final ImmutableList<Step> steps;
    private final ImmutableSetMultimap<String, String> prepared;
    private final Unloader unloader;
    private final Listener listener;
    private final CountDownLatch running;
    private final AtomicReference<@Nullable Step> failed = new AtomicReference<>();
    private volatile String reason = "";
    private volatile boolean closed;

    /** Hears of exactly one end, from any thread. */
    interface Listener {
        void onReady(Proposal proposal);

        /**
         * It cannot be, now.
         *
         * @param reason one sentence in plain words
         * @param culprit the worker without which it might have worked
         */
        void onFailed(String reason, Optional<WorkerRecord> culprit);
    }

    /** One stage that is new to its machine. */
    private record Step(WorkerRecord worker, StageLoad prepare, StageLoad fetch) {
        String shardId() {
            return prepare.stage().load().getShard().getShardId();
        }
    }

    private Move(PlanRecord running, Proposal proposal, ImmutableSetMultimap<String, String> prepared,
            LoadRequests loads, WorkerChannels channels, Duration loadStall, Unloader unloader, Listener listener) {
        this.proposal = proposal;
        this.prepared = prepared;
        this.unloader = unloader;
        this.listener = listener;
        // Nothing that is done ahead belongs to the coming epoch yet.
        PlanRecord ahead = proposal.plan().toBuilder().setEpoch(proposal.after()).build();
        List<StageRecord> now = running.getPipelines(0).getStagesList();
        steps = IntStream.range(0, proposal.stages().size())
                .filter(index -> now.stream().noneMatch(stage -> stage.getIncarnationId()
                        .equals(proposal.stages().get(index).getIncarnationId())
                        && stage.getLayers().equals(proposal.stages().get(index).getLayers())))
                .mapToObj(index -> {
                    WorkerRecord worker = proposal.worker(proposal.stages().get(index).getIncarnationId());
                    return new Step(worker,
                            StageLoad.of(loads.stage(ahead, index, worker, Extent.PREPARE),
                                    channels.to(worker.getAddress()), loadStall, () -> {}),
                            StageLoad.of(loads.stage(ahead, index, worker, Extent.FETCH),
                                    channels.to(worker.getAddress()), loadStall, () -> {}));
                })
                .collect(ImmutableList.toImmutableList());
        this.running = new CountDownLatch(steps.size());
    }

    /**
     * Begins; returns at once.
     *
     * @param running the plan that runs
     * @param prepared ids of the shards that each incarnation holds in memory; those that it is not to run make room
     */
    static Move start(PlanRecord running, Proposal proposal, ImmutableSetMultimap<String, String> prepared,
            LoadRequests loads, WorkerChannels channels, Duration loadStall, Unloader unloader, Listener listener) {
        Move move = new Move(running, proposal, prepared, loads, channels, loadStall, unloader, listener);
        move.steps.forEach(step -> Thread.ofVirtual().name("move-" + step.worker().getWorkerId())
                .start(() -> move.carryOut(step)));
        Thread.ofVirtual().name("move").start(move::finish);
        return move;
    }

    private void carryOut(Step step) {
        try {
            prepared.get(step.worker().getIncarnationId()).stream()
                    .filter(shard -> !shard.equals(step.shardId()))
                    .forEach(shard -> unloader.discard(step.worker(), shard));
            Optional<Failure> failure = step.prepare().await();
            if (failure.isPresent() && failure.get().lacksMemory()) {
                failure = step.fetch().await();
            }
            failure.ifPresent(why -> {
                if (failed.compareAndSet(null, step)) {
                    reason = why.reason();
                    cancel();
                }
            });
        } catch (RuntimeException e) {
            failed.set(step);
            reason = "The coordinator failed while moving the model: " + e.getClass().getSimpleName() + ".";
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
        Step culprit = failed.get();
        if (culprit == null) {
            listener.onReady(proposal);
        } else {
            listener.onFailed(reason, closed ? Optional.empty() : Optional.of(culprit.worker()));
        }
    }

    private void cancel() {
        steps.forEach(step -> {
            step.prepare().cancel();
            step.fetch().cancel();
        });
    }

    /** Gives up; the listener hears of the end when that is done. Never blocks. */
    @Override
    public void close() {
        closed = true;
        cancel();
    }
}

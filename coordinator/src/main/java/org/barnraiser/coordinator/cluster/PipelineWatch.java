package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.barnraiser.coordinator.plan.Hop;
import org.barnraiser.coordinator.schedule.PipelineLoop;
import org.barnraiser.proto.Beat;
import org.barnraiser.proto.WorkerRecord;

import static com.google.common.collect.ImmutableList.toImmutableList;

/**
 * Looks after a pipeline that broke no connection: an engine that does not come back from a step, or machines that wait for each
 * other. Owned by the event loop; what blocks runs elsewhere.
 */
final class PipelineWatch {
    /** When all machines reach each other, a slow step may still be on its way: so many times the stall is waited. */
    private static final int PATIENCE = 4;

    private final EventLoop loop;
    private final ImmutableList<WorkerRecord> workers;
    private final PipelineLoop pipeline;
    private final Vitals vitals;
    private final Reachability reachability;
    private final Duration stall;
    private final StallWatch stalls;
    private boolean asking;

    /**
     * Why a pipeline should be given up.
     *
     * @param reason one sentence in plain words
     * @param culprit who should be passed over
     */
    record Trouble(String reason, Optional<WorkerRecord> culprit) {}

    PipelineWatch(EventLoop loop, Rollout rollout, PipelineLoop pipeline, Vitals vitals, Reachability reachability,
            Duration stall, int maxStepTokens, Ticker ticker) {
        this.loop = loop;
        this.pipeline = pipeline;
        this.vitals = vitals;
        this.reachability = reachability;
        this.stall = stall;
        workers = rollout.stages().stream().map(Rollout.Stage::worker).collect(toImmutableList());
        stalls = new StallWatch(ticker, stall, rollout.pipelineId(), rollout.epoch(), maxStepTokens);
    }

    /** Looks once; tells of trouble now or a little later, on the event loop. */
    void check(Consumer<Trouble> onTrouble) {
        ImmutableList<Optional<Beat>> beats = workers.stream()
                .map(worker -> vitals.beat(worker.getIncarnationId()))
                .collect(toImmutableList());
        switch (stalls.check(pipeline.statistics(), beats).orElse(null)) {
            case null -> {
            }
            case StallWatch.Verdict.Wedged(String incarnation, long busyMillis) -> {
                WorkerRecord wedged = workers.stream()
                        .filter(worker -> worker.getIncarnationId().equals(incarnation)).findFirst().orElseThrow();
                onTrouble.accept(new Trouble("Worker " + wedged.getWorkerId() + " has been at one step for "
                        + busyMillis / 1000 + " s.", Optional.of(wedged)));
            }
            case StallWatch.Verdict.Stuck(Duration since) -> {
                if (since.compareTo(stall.multipliedBy(PATIENCE)) > 0) {
                    onTrouble.accept(new Trouble("No step gets through the pipeline, though all of its workers wait.",
                            Optional.empty()));
                } else {
                    askForCuts(onTrouble);
                }
            }
        }
    }

    private void askForCuts(Consumer<Trouble> onTrouble) {
        if (asking) {
            return;
        }
        asking = true;
        Thread.ofVirtual().name("reach").start(() -> {
            ImmutableSet<Hop> cut = cuts();
            loop.execute(() -> {
                asking = false;
                cut.stream().findFirst().ifPresent(hop -> onTrouble.accept(new Trouble("Worker "
                        + name(hop.fromIncarnation()) + " does not reach worker " + name(hop.toIncarnation()) + ".",
                        Optional.empty())));
            });
        });
    }

    private ImmutableSet<Hop> cuts() {
        try {
            return reachability.cutBetween(workers);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    private String name(String incarnation) {
        return workers.stream().filter(worker -> worker.getIncarnationId().equals(incarnation))
                .map(WorkerRecord::getWorkerId).findFirst().orElse(incarnation);
    }
}

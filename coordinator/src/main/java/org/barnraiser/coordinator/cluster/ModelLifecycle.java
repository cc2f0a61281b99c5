package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.barnraiser.coordinator.cluster.Phase.Closed;
import org.barnraiser.coordinator.cluster.Phase.Impossible;
import org.barnraiser.coordinator.cluster.Phase.Joining;
import org.barnraiser.coordinator.cluster.Phase.Loading;
import org.barnraiser.coordinator.cluster.Phase.Lost;
import org.barnraiser.coordinator.cluster.Phase.Planning;
import org.barnraiser.coordinator.cluster.Phase.Probing;
import org.barnraiser.coordinator.cluster.Phase.Ready;
import org.barnraiser.coordinator.cluster.Phase.Standby;
import org.barnraiser.coordinator.cluster.Phase.WaitingForWorkers;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.schedule.Generations;
import org.barnraiser.coordinator.schedule.PipelineLoop;
import org.barnraiser.proto.WorkerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

/**
 * The life of a hosted model: waiting for workers, planning, loading, probing, ready, and again from planning when its pipeline
 * is lost.
 *
 * <p>INVARIANT: every field but {@link #view} is touched on the event loop only. What waits does so elsewhere and comes back as an
 * event that names its attempt; an event of an older attempt changes nothing. Only a leader plans; who stops being the leader
 * goes on serving until the workers, which know the newest epoch, refuse it.
 */
final class ModelLifecycle implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelLifecycle.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(15);

    private final EventLoop loop;
    private final PlanDrafter drafter;
    private final RollCall rollCall;
    private final WorkerChannels channels;
    private final Generations generations;
    private final PipelineSettings settings;
    private final ClusterTimings timings;
    private final int minWorkers;

    /** What others see. */
    private volatile View view = new View(new Joining(), ImmutableList.of(), false);

    private Runnable onChange = () -> {};
    private long attempt;
    private boolean leading;
    private boolean workersKnown;
    private boolean graceOver;
    private boolean plannedBefore;
    private boolean servedBefore;
    private boolean confirming;

    /**
     * The phase and the registered workers.
     *
     * @param servedBefore whether the model was ready once
     */
    record View(Phase phase, ImmutableList<WorkerRecord> workers, boolean servedBefore) {

        /** As the phase says, but who served before and is at it again is taking over. */
        Readiness readiness() {
            return switch (phase) {
                case Planning _,Loading _,Probing _,Lost _ when servedBefore
                        && phase.readiness() instanceof Readiness.NotReady(String reason, int seconds, _) ->
                    new Readiness.NotReady(reason, seconds, true);
                default -> phase.readiness();
            };
        }
    }

    /**
     * Makes a lifecycle that begins with the first events.
     *
     * @param generations get each pipeline that is ready
     * @param settings resolved for the model
     */
    ModelLifecycle(EventLoop loop, PlanDrafter drafter, RollCall rollCall, WorkerChannels channels,
            Generations generations, PipelineSettings settings,
            ClusterTimings timings, int minWorkers) {
        this.loop = loop;
        this.drafter = drafter;
        this.rollCall = rollCall;
        this.channels = channels;
        this.generations = generations;
        this.settings = settings;
        this.timings = timings;
        this.minWorkers = minWorkers;
    }

    /** From any thread. */
    View view() {
        return view;
    }

    /** Is run on the event loop whenever the view has changed; to be set before the first event. */
    void onChange(Runnable listener) {
        onChange = listener;
    }

    /** The model was ready through another coordinator, so it is likely to be so again; on the event loop. */
    void onServedElsewhere() {
        servedBefore = true;
        view = new View(phase(), view.workers(), true);
    }

    /** The registered workers have changed; on the event loop. */
    void onWorkers(ImmutableList<WorkerRecord> workers) {
        show(phase(), workers);
        forgetOtherAddresses();
        if (!workersKnown) {
            workersKnown = true;
            loop.schedule(timings.workerGrace(), this::onGraceOver);
        }
        switch (phase()) {
            case Joining _,WaitingForWorkers _ -> considerPlanning("");
            case Impossible _ -> considerPlanning("The workers have changed.");
            case Loading _,Probing _,Ready _ -> confirmMissing();
            // A retry is on its way and takes the workers that are here then.
            case Planning _,Lost _,Standby _,Closed _ -> {
            }
        }
    }

    /** Workers come back on other ports; what nobody listens to any more is not kept. */
    private void forgetOtherAddresses() {
        Stream<WorkerRecord> planned = phase().rollout().stream()
                .flatMap(rollout -> rollout.stages().stream())
                .map(Rollout.Stage::worker);
        channels.retain(Stream.concat(view.workers().stream(), planned)
                .map(WorkerRecord::getAddress)
                .collect(toImmutableSet()));
    }

    /** Leadership was won or lost; on the event loop. */
    void onLeadership(boolean leads) {
        leading = leads;
        switch (phase()) {
            case Joining _,Standby _ -> considerPlanning("");
            case WaitingForWorkers _,Planning _,Impossible _,Lost _ -> {
                if (!leads) {
                    attempt++;
                    enter(new Standby());
                }
            }
            case Loading _,Probing _,Ready _,Closed _ -> {
            }
        }
    }

    private void onGraceOver() {
        graceOver = true;
        if (phase() instanceof WaitingForWorkers) {
            considerPlanning("");
        }
    }

    private void considerPlanning(String cause) {
        if (!workersKnown) {
            return;
        }
        int here = view.workers().size();
        if (!leading) {
            enter(new Standby());
        } else if (plannedBefore || here >= minWorkers || (graceOver && here > 0)) {
            plan(cause);
        } else {
            enter(new WaitingForWorkers(here, minWorkers));
        }
    }

    private void plan(String cause) {
        ImmutableList<WorkerRecord> workers = view.workers();
        long mine = ++attempt;
        enter(new Planning(cause));
        Thread.ofVirtual().name("planning-" + mine).start(() -> {
            Drafting drafting = draft(workers);
            loop.execute(() -> ifCurrent(mine, () -> onDrafted(drafting, workers)));
        });
    }

    private Drafting draft(ImmutableList<WorkerRecord> workers) {
        try {
            return drafter.draft(workers);
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        } catch (RuntimeException e) {
            LOG.error("Planning failed", e);
            return new Drafting.TryAgain("The coordinator failed to make a plan: " + e + ".");
        }
    }

    private void onDrafted(Drafting drafting, ImmutableList<WorkerRecord> workers) {
        switch (drafting) {
            case Drafting.Drafted(Rollout rollout) -> load(rollout);
            case Drafting.TryAgain(String reason) -> lose(reason, timings.retry());
            case Drafting.NotPossible(String reason) -> {
                enter(new Impossible(reason));
                if (!workers.equals(view.workers())) {
                    considerPlanning("The workers have changed.");
                }
            }
        }
    }

    private void load(Rollout rollout) {
        plannedBefore = true;
        long mine = attempt;
        Deployment deployment = Deployment.start(rollout, channels, timings, new Deployment.Listener() {
            @Override
            public void onProgress(String progress) {
                post(phase -> {
                    if (phase instanceof Loading(Rollout plan, Deployment current, _)) {
                        show(new Loading(plan, current, progress), view.workers());
                    }
                });
            }

            @Override
            public void onLoaded() {
                post(_ -> probe(rollout));
            }

            @Override
            public void onFailed(String reason) {
                post(_ -> lose(reason, timings.retry()));
            }

            private void post(Consumer<Phase> event) {
                loop.execute(() -> ifCurrent(mine, () -> event.accept(phase())));
            }
        });
        enter(new Loading(rollout, deployment, "the workers have been asked"));
    }

    private void probe(Rollout rollout) {
        long mine = attempt;
        PipelineLoop pipeline = PipelineLoop.start(rollout.pipelineId(), rollout.epoch(),
                settings.driverLimits(rollout.stages().size()),
                listener -> GrpcPipelineLink.open(end(rollout.head()), end(rollout.tail()), rollout.pipelineId(),
                        rollout.epoch(),
                        listener));
        enter(new Probing(rollout, pipeline));
        pipeline.lost().thenAccept(reason -> loop.execute(() -> ifCurrent(mine, () -> lose(reason,
                phase() instanceof Ready ? timings.settle() : timings.retry()))));
        var _ = pipeline.probe().whenComplete(
                (_, error) -> loop.execute(() -> ifCurrent(mine, () -> onProbed(rollout, pipeline, error))));
        loop.schedule(timings.probe(), () -> ifCurrent(mine, () -> {
            if (phase() instanceof Probing) {
                lose("No token came through the pipeline within " + timings.probe().toSeconds() + " s.",
                        timings.retry());
            }
        }));
    }

    private GrpcPipelineLink.End end(Rollout.Stage stage) {
        return new GrpcPipelineLink.End(stage.worker().getWorkerId(), channels.to(stage.worker().getAddress()));
    }

    private void onProbed(Rollout rollout, PipelineLoop pipeline, @Nullable Throwable error) {
        if (error == null) {
            enter(new Ready(rollout, pipeline));
            confirmMissing();
        } else {
            lose("The first token did not come through the pipeline: " + error.getMessage(), timings.retry());
        }
    }

    /** Gives up the current attempt and begins another one after a while. */
    private void lose(String reason, Duration delay) {
        long mine = ++attempt;
        if (phase() instanceof Ready(_, PipelineLoop pipeline)) {
            generations.detach(pipeline, reason);
        }
        release(phase());
        enter(new Lost(reason));
        loop.schedule(delay, () -> ifCurrent(mine, () -> considerPlanning(reason)));
    }

    private static void release(Phase phase) {
        switch (phase) {
            case Loading(_, Deployment deployment, _) -> deployment.close();
            case Probing(_, PipelineLoop pipeline) -> closeElsewhere(pipeline);
            case Ready(_, PipelineLoop pipeline) -> closeElsewhere(pipeline);
            case Joining _,Standby _,WaitingForWorkers _,Planning _,Impossible _,Lost _,Closed _ -> {
            }
        }
    }

    private static void closeElsewhere(PipelineLoop pipeline) {
        Thread.ofVirtual().name("close-pipeline").start(pipeline::close);
    }

    /** A worker of the plan that is not registered any more is suspect; it is gone when it does not answer either. */
    private void confirmMissing() {
        ImmutableList<WorkerRecord> missing = phase().rollout().stream()
                .flatMap(rollout -> rollout.stages().stream())
                .map(Rollout.Stage::worker)
                .filter(worker -> !isRegistered(worker))
                .collect(toImmutableList());
        if (missing.isEmpty() || confirming) {
            return;
        }
        confirming = true;
        long mine = attempt;
        Thread.ofVirtual().name("confirm-missing").start(() -> {
            ImmutableList<WorkerRecord> gone = missing.stream()
                    .filter(worker -> !rollCall.isPresent(worker))
                    .collect(toImmutableList());
            loop.execute(() -> onConfirmed(mine, missing, gone));
        });
    }

    private boolean isRegistered(WorkerRecord worker) {
        return view.workers().stream().anyMatch(other -> other.getWorkerId().equals(worker.getWorkerId())
                && other.getIncarnationId().equals(worker.getIncarnationId()));
    }

    private void onConfirmed(long suspectedIn, ImmutableList<WorkerRecord> missing, ImmutableList<WorkerRecord> gone) {
        if (suspectedIn != attempt) {
            confirming = false;
            confirmMissing();
            return;
        }
        if (!gone.isEmpty()) {
            confirming = false;
            lose("Worker " + gone.getFirst().getWorkerId() + " is gone.", timings.settle());
            return;
        }
        missing.forEach(worker -> LOG.warn("Worker {} is not registered any more but answers; its pipeline goes on.",
                worker.getWorkerId()));
        loop.schedule(timings.call(), () -> {
            confirming = false;
            confirmMissing();
        });
    }

    private Phase phase() {
        return view.phase();
    }

    private void enter(Phase next) {
        servedBefore |= next instanceof Ready;
        show(next, view.workers());
        LOG.info("{}", switch (next.readiness()) {
            case Readiness.Ready _ -> "The model is ready.";
            case Readiness.NotReady(String reason, _, _) -> reason;
        });
        if (next instanceof Ready(_, PipelineLoop pipeline)) {
            generations.attach(pipeline);
        } else if (next.readiness() instanceof Readiness.NotReady(String reason, _, _)) {
            generations.explain(reason);
        }
    }

    private void show(Phase phase, ImmutableList<WorkerRecord> workers) {
        view = new View(phase, workers, servedBefore);
        onChange.run();
    }

    private void ifCurrent(long expected, Runnable event) {
        if (expected == attempt) {
            event.run();
        }
    }

    /** Ends every generation; the workers keep what they have loaded. Blocks until that is done, at most some seconds. */
    @Override
    public void close() {
        CompletableFuture<Phase> last = new CompletableFuture<>();
        loop.execute(() -> {
            attempt++;
            last.complete(phase());
            enter(new Closed());
        });
        try {
            switch (last.get(CLOSE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS)) {
                case Probing(_, PipelineLoop pipeline) -> pipeline.close();
                case Ready(_, PipelineLoop pipeline) -> pipeline.close();
                case Phase other -> release(other);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("The model did not stop in good order.", e);
        }
    }
}

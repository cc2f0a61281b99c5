package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
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
    /** A pipeline that lasts this long was no failed attempt. */
    private static final Duration STABLE = Duration.ofSeconds(2);

    private final EventLoop loop;
    private final Tools tools;
    private final ClusterTimings timings;
    private final int minWorkers;
    private final Generations generations;
    private final Takeovers takeovers;
    private final Vitals vitals;
    private final Upkeep upkeep;
    private final Rates rates;
    private final BackOff backOff;
    private final Avoidances avoidances;

    /** What others see. */
    private volatile View view = new View(new Joining(), ImmutableList.of(), ImmutableMap.of(), false);

    private Runnable onChange = () -> {};
    private long attempt;
    private boolean leading;
    private boolean workersKnown;
    private boolean graceOver;
    private boolean plannedBefore;
    private boolean confirming;
    private boolean failedBefore;
    /** Of the newest plan that this coordinator knows of. */
    private long ownEpoch;
    /** The newest plan of this coordinator, carried out or not. */
    private Optional<Rollout> newest = Optional.empty();
    private @Nullable PipelineWatch watch;

    /**
     * The phase, the registered workers, and those that are passed over for a while.
     *
     * @param avoided reasons by incarnation
     * @param servedBefore whether the model was ready once
     */
    record View(Phase phase, ImmutableList<WorkerRecord> workers, ImmutableMap<String, String> avoided,
            boolean servedBefore) {

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
     * What it works with.
     *
     * @param settings resolved for the model
     */
    record Tools(PlanDrafter drafter, RollCall rollCall, Reachability reachability, LoadRequests loads,
            WorkerChannels channels, PipelineSettings settings, Ticker ticker) {}

    /**
     * Makes a lifecycle that begins with the first events.
     *
     * @param generations get each pipeline that is ready
     */
    ModelLifecycle(EventLoop loop, Tools tools, ClusterTimings timings, int minWorkers,
            Generations generations,
            Takeovers takeovers) {
        this.loop = loop;
        this.tools = tools;
        this.timings = timings;
        this.minWorkers = minWorkers;
        this.generations = generations;
        this.takeovers = takeovers;
        vitals = new Vitals(loop, tools.channels(), timings, tools.ticker(), new Pulses());
        upkeep = new Upkeep(new Upkeep.Tools(loop, tools.loads(), tools.channels(), timings,
                new Unloader(tools.channels(), timings.call()), vitals), new PipelineHost());
        backOff = new BackOff(timings.retry(), timings.retryLimit());
        rates = new Rates(tools.ticker());
        avoidances = new Avoidances(tools.ticker(), timings.avoidance());
        vitals.start();
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
        view = new View(phase(), view.workers(), view.avoided(), true);
    }

    /** From any thread. */
    Vitals vitals() {
        return vitals;
    }

    /** From any thread. */
    Upkeep upkeep() {
        return upkeep;
    }

    /** From any thread. */
    Rates rates() {
        return rates;
    }

    /** The registered workers have changed; on the event loop. */
    void onWorkers(ImmutableList<WorkerRecord> workers) {
        show(new View(phase(), workers, avoidances.now(), view.servedBefore()));
        ImmutableList<WorkerRecord> known = knownWorkers();
        tools.channels().retain(known.stream().map(WorkerRecord::getAddress).collect(toImmutableSet()));
        vitals.watch(known);
        if (!workersKnown) {
            workersKnown = true;
            loop.schedule(timings.workerGrace(), this::onGraceOver);
        }
        switch (phase()) {
            case Joining _,WaitingForWorkers _ -> considerPlanning("");
            case Impossible _ -> considerPlanning("The workers have changed.");
            case Loading _,Probing _ -> confirmMissing();
            case Ready _ -> {
                confirmMissing();
                upkeep.onWorkers();
            }
            // A retry is on its way and takes the workers that are here then.
            case Planning _,Lost _,Standby _,Closed _ -> {
            }
        }
    }

    /** The registered workers, and those of the plan that are not registered now but may well be there. */
    private ImmutableList<WorkerRecord> knownWorkers() {
        ImmutableSet<String> registered = view.workers().stream().map(WorkerRecord::getWorkerId)
                .collect(toImmutableSet());
        return Stream.concat(view.workers().stream(),
                newest.stream().flatMap(rollout -> rollout.stages().stream()).map(Rollout.Stage::worker)
                        .filter(worker -> !registered.contains(worker.getWorkerId())))
                .collect(toImmutableList());
    }

    private Stream<WorkerRecord> planned() {
        return phase().rollout().stream().flatMap(rollout -> rollout.stages().stream()).map(Rollout.Stage::worker);
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
        Circumstances circumstances = circumstances(false);
        long mine = ++attempt;
        enter(new Planning(cause));
        elsewhere("planning-" + mine, () -> tools.drafter().draftAndWrite(circumstances),
                drafting -> ifCurrent(mine, () -> onDrafted(drafting, workers)));
    }

    private Circumstances circumstances(boolean atLeisure) {
        ImmutableList<WorkerRecord> heard = knownWorkers().stream()
                .filter(worker -> !vitals.isSilent(worker.getIncarnationId()))
                .collect(toImmutableList());
        return new Circumstances(heard, avoidances.now().keySet(), vitals.prepared(), ownEpoch, atLeisure);
    }

    /** Runs what blocks, and then hands its result to the event loop. */
    private void elsewhere(String name, Callable<Drafting> work, Consumer<Drafting> then) {
        Thread.ofVirtual().name(name).start(() -> {
            Drafting result;
            try {
                result = work.call();
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts this thread", e);
            } catch (Exception e) {
                LOG.error("Planning failed", e);
                result = new Drafting.TryAgain("The coordinator failed to make a plan: " + e + ".");
            }
            Drafting drafting = result;
            loop.execute(() -> then.accept(drafting));
        });
    }

    private void onDrafted(Drafting drafting, ImmutableList<WorkerRecord> workers) {
        switch (drafting) {
            case Drafting.Written(Rollout rollout) -> load(rollout);
            case Drafting.TryAgain(String reason) -> lose(reason);
            case Drafting.Overtaken(long epoch) -> onOvertaken(epoch);
            case Drafting.NotPossible(String reason) -> {
                enter(new Impossible(reason));
                if (!workers.equals(view.workers())) {
                    considerPlanning("The workers have changed.");
                } else {
                    // What stood in the way may pass unheard, a cut between two machines say.
                    again(timings.retryLimit(), reason);
                }
            }
            case Drafting.Drafted _ -> throw new IllegalStateException("a plan is written before it is carried out");
        }
    }

    /** Another coordinator plans too; only one of them leads, so this one waits until it is known which. */
    private void onOvertaken(long epoch) {
        ownEpoch = Math.max(ownEpoch, epoch);
        failedBefore = true;
        lose("Another coordinator has made a newer plan.");
    }

    private void load(Rollout rollout) {
        plannedBefore = true;
        ownEpoch = rollout.epoch();
        newest = Optional.of(rollout);
        long mine = attempt;
        Deployment deployment = Deployment.start(rollout, vitals.prepared(), tools.channels(), timings.loadStall(),
                new Unloader(tools.channels(), timings.rollCall()), new Deployment.Listener() {
                    @Override
                    public void onProgress(String progress) {
                        post(phase -> {
                            if (phase instanceof Loading(Rollout plan, Deployment current, _)) {
                                show(new View(new Loading(plan, current, progress), view.workers(),
                                        view.avoided(), view.servedBefore()));
                            }
                        });
                    }

                    @Override
                    public void onLoaded() {
                        post(_ -> probe(rollout));
                    }

                    @Override
                    public void onFailed(String reason, Optional<WorkerRecord> culprit) {
                        post(_ -> {
                            culprit.ifPresent(worker -> avoidances.add(worker.getIncarnationId(), reason));
                            lose(reason);
                        });
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
                tools.settings().driverLimits(rollout.stages().size()),
                listener -> GrpcPipelineLink.open(end(rollout.head()), end(rollout.tail()), rollout.pipelineId(),
                        rollout.epoch(), listener));
        enter(new Probing(rollout, pipeline));
        watch = new PipelineWatch(loop, rollout, pipeline, vitals, tools.reachability(), timings.stall(),
                tools.settings().maxStepTokens(), tools.ticker());
        pipeline.lost().thenAccept(reason -> loop.execute(() -> ifCurrent(mine, () -> lose(reason))));
        var _ = pipeline.probe().whenComplete(
                (_, error) -> loop.execute(() -> ifCurrent(mine, () -> onProbed(rollout, pipeline, error))));
        loop.schedule(timings.probe(), () -> ifCurrent(mine, () -> {
            if (phase() instanceof Probing) {
                lose("No token came through the pipeline within " + timings.probe().toSeconds() + " s.");
            }
        }));
    }

    private GrpcPipelineLink.End end(Rollout.Stage stage) {
        return new GrpcPipelineLink.End(stage.worker().getWorkerId(),
                tools.channels().to(stage.worker().getAddress()));
    }

    private void onProbed(Rollout rollout, PipelineLoop pipeline, @Nullable Throwable error) {
        if (error != null) {
            lose("The first token did not come through the pipeline: " + error.getMessage());
            return;
        }
        enter(new Ready(rollout, pipeline));
        takeovers.onReady();
        upkeep.begin(rollout, pipeline);
        confirmMissing();
        long mine = attempt;
        loop.schedule(STABLE, () -> ifCurrent(mine, () -> {
            failedBefore = false;
            backOff.reset();
        }));
    }

    /** Gives up the current attempt and begins another one: at once when this one did work, else after a while. */
    private void lose(String reason) {
        boolean atOnce = phase() instanceof Ready && !failedBefore;
        failedBefore = true;
        leave(reason);
        enter(new Lost(reason));
        if (atOnce) {
            considerPlanning(reason);
        } else {
            again(backOff.next(), reason);
        }
    }

    private void again(Duration delay, String reason) {
        long mine = attempt;
        loop.schedule(delay, () -> ifCurrent(mine, () -> considerPlanning(reason)));
    }

    /** Ends what the present phase has going on. */
    private void leave(String reason) {
        attempt++;
        watch = null;
        if (phase() instanceof Ready(_, PipelineLoop pipeline)) {
            takeovers.onLost();
            upkeep.end();
            generations.detach(pipeline, reason);
        }
        release(phase());
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
        ImmutableList<WorkerRecord> missing = planned().filter(worker -> !isRegistered(worker))
                .collect(toImmutableList());
        if (missing.isEmpty() || confirming) {
            return;
        }
        confirming = true;
        long mine = attempt;
        Thread.ofVirtual().name("confirm-missing").start(() -> {
            ImmutableList<WorkerRecord> gone = missing.stream()
                    .filter(worker -> !tools.rollCall().isPresent(worker))
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
            lose("Worker " + gone.getFirst().getWorkerId() + " is gone.");
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
        show(new View(next, view.workers(), avoidances.now(), view.servedBefore() || next instanceof Ready));
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

    private void show(View now) {
        view = now;
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
        vitals.close();
        loop.execute(() -> {
            attempt++;
            upkeep.end();
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

    /** What the workers' pulses mean for the pipeline. */
    private final class Pulses implements Vitals.Listener {
        @Override
        public void onSilent(WorkerRecord worker) {
            if (planned().anyMatch(worker::equals)) {
                lose("Worker " + worker.getWorkerId() + " gives no sign of life.");
            }
        }

        @Override
        public void onReturn(WorkerRecord worker) {
            if (phase() instanceof Impossible) {
                considerPlanning("Worker " + worker.getWorkerId() + " is back.");
            }
        }

        @Override
        public void onTick() {
            upkeep.onTick();
            if (phase() instanceof Ready(Rollout rollout, PipelineLoop pipeline)) {
                rates.add(rollout.epoch(), pipeline.statistics());
            } else {
                rates.pause();
            }
            PipelineWatch watching = watch;
            if (watching != null) {
                long mine = attempt;
                watching.check(trouble -> ifCurrent(mine, () -> {
                    trouble.culprit()
                            .ifPresent(worker -> avoidances.add(worker.getIncarnationId(), trouble.reason()));
                    lose(trouble.reason());
                }));
            }
        }
    }

    /** What goes on beside the pipeline asks for. */
    private final class PipelineHost implements Upkeep.Host {
        @Override
        public ImmutableList<WorkerRecord> workers() {
            return view.workers();
        }

        @Override
        public ImmutableSetMultimap<String, String> prepared() {
            return vitals.prepared();
        }

        @Override
        public ImmutableSet<String> avoided() {
            return avoidances.now().keySet();
        }

        @Override
        public void avoid(WorkerRecord worker, String reason) {
            avoidances.add(worker.getIncarnationId(), reason);
        }

        @Override
        public void draft(Consumer<Drafting> then) {
            Circumstances circumstances = circumstances(true);
            elsewhere("considering-" + attempt, () -> tools.drafter().draft(circumstances), then);
        }

        @Override
        public void giveUp(String reason) {
            lose(reason);
        }

        @Override
        public void onOvertaken(long epoch) {
            ModelLifecycle.this.onOvertaken(epoch);
        }

        @Override
        public void switchTo(Proposal proposal) {
            long mine = attempt;
            elsewhere("switching-" + mine, () -> tools.drafter().write(proposal), drafting -> ifCurrent(mine, () -> {
                switch (drafting) {
                    case Drafting.Written(Rollout rollout) -> {
                        leave("The model is moving to other machines.");
                        load(rollout);
                    }
                    case Drafting.Overtaken(long epoch) -> ModelLifecycle.this.onOvertaken(epoch);
                    case Drafting.TryAgain _,Drafting.NotPossible _,Drafting.Drafted _ -> upkeep.onNotSwitched();
                }
            }));
        }
    }
}

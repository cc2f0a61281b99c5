package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
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
import org.barnraiser.coordinator.plan.Links;
import org.barnraiser.coordinator.schedule.DriverLimits;
import org.barnraiser.coordinator.schedule.Generations;
import org.barnraiser.coordinator.schedule.PipelineLoop;
import org.barnraiser.coordinator.weights.Holdings;
import org.barnraiser.proto.WorkerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a hosted model, or of one of its pipelines if it has several: waiting for workers, planning, loading, probing, ready, and again
 * from planning when its pipeline is lost.
 *
 * <p>INVARIANT: every field but {@link #showcase} is touched on the event loop only. What waits does so elsewhere and comes back as an
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
    private final BackOff backOff;
    private final Avoidances avoidances;
    private final Showcase showcase;
    private final Companions companions;
    private final Drafts drafts;

    private long attempt;
    private boolean leading;
    private boolean workersKnown;
    private boolean graceOver;
    private boolean plannedBefore;
    private boolean failedBefore;
    /** The attempt for which a plan is being made; 0 when none is. */
    private long drafting;

    /**
     * What it works with.
     *
     * @param pipeline whose life it is
     * @param elsewhere incarnations of workers that are for other pipelines of the model; asked on the event loop
     * @param spare whether others of them answer; asked on the event loop
     * @param settings resolved for the model
     * @param line hears of the steps that are sent, and of how long workers take to answer
     * @param copies how many disks are to have each tensor
     * @param draftCare keeps a draft model beside each pipeline that is ready
     */
    record Tools(PipelineKey pipeline, Supplier<ImmutableSet<String>> elsewhere, BooleanSupplier spare,
            PlanDrafter drafter, RollCall rollCall,
            RoundTrips trips, OwnLine line, Reachability reachability,
            LoadRequests loads, WorkerChannels channels, PipelineSettings settings, Ticker ticker, Holdings holdings,
            int copies,
            DraftCare draftCare) {}

    /**
     * Makes a lifecycle that begins with the first events.
     *
     * @param generations are given to the pipeline while it is ready
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
        backOff = new BackOff(timings.retry(), timings.retryLimit());
        avoidances = new Avoidances(tools.ticker(), timings.avoidance());
        showcase = new Showcase(tools.pipeline(), generations, avoidances);
        companions = new Companions(loop, tools, timings, showcase, avoidances, new PipelineHost());
        drafts = companions.drafts();
    }

    /** From any thread. */
    LifecycleView view() {
        return showcase.view();
    }

    /** Its pipeline's, from 1. */
    int number() {
        return tools.pipeline().index() + 1;
    }

    /** By which its workers are called. From any thread. */
    WorkerChannels channels() {
        return tools.channels();
    }

    /** What is known of the ways between workers. From any thread. */
    Links links() {
        return tools.reachability().links();
    }

    /** Is run on the event loop whenever the view has changed; to be set before the first event. */
    void onChange(Runnable listener) {
        showcase.onChange(listener);
    }

    /** The model was ready through another coordinator, so it is likely to be so again; on the event loop. */
    void onServedElsewhere() {
        showcase.onServedElsewhere();
    }

    /** From any thread. */
    Vitals vitals() {
        return companions.vitals();
    }

    /** From any thread. */
    Upkeep upkeep() {
        return companions.upkeep();
    }

    /** The registered workers have changed; on the event loop. */
    void onWorkers(ImmutableList<WorkerRecord> workers) {
        showcase.show(workers);
        companions.onWorkers(workers);
        if (!workersKnown) {
            workersKnown = true;
            loop.schedule(timings.workerGrace(), this::onGraceOver);
        }
        switch (phase()) {
            case Joining _,WaitingForWorkers _ -> considerPlanning("");
            case Impossible _ -> planAgain("The workers have changed.");
            case Loading _,Probing _,Ready _ -> companions.lookAfterPlan();
            // A retry is on its way and takes the workers that are here then.
            case Planning _,Lost _,Standby _,Closed _ -> {
            }
        }
    }

    /** Leadership was won or lost; on the event loop. */
    void onLeadership(boolean leads) {
        leading = leads;
        switch (phase()) {
            case Joining _,Standby _ -> considerPlanning("");
            case WaitingForWorkers _,Planning _,Impossible _,Lost _ -> {
                if (!leads) {
                    attempt++;
                    showcase.enter(new Standby());
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
        ImmutableSet<String> elsewhere = tools.elsewhere().get();
        int here = Math.toIntExact(showcase.workers().stream()
                .filter(worker -> !elsewhere.contains(worker.getIncarnationId())).count());
        if (!leading) {
            showcase.enter(new Standby());
        } else if (here == 0 && !showcase.workers().isEmpty()) {
            awaitWorkers(new WaitingForWorkers(here, 1));
        } else if (plannedBefore || here >= minWorkers || (graceOver && here > 0)) {
            plan(cause);
        } else {
            awaitWorkers(new WaitingForWorkers(here, minWorkers));
        }
    }

    private void awaitWorkers(WaitingForWorkers waiting) {
        if (!phase().equals(waiting)) {
            showcase.enter(waiting);
        }
    }

    private void plan(String cause) {
        ImmutableList<WorkerRecord> workers = showcase.workers();
        long mine = ++attempt;
        // Who waits for a machine that nobody has is told so while it is looked for.
        if (!(phase() instanceof Impossible)) {
            showcase.enter(new Planning(cause));
        }
        drafting = mine;
        drafts.draftAndWrite(result -> ifCurrent(mine, () -> {
            drafting = 0;
            onDrafted(result, workers);
        }));
    }

    /** Looks once more whether the model fits, unless that is being done. */
    private void planAgain(String cause) {
        if (phase() instanceof Impossible && drafting != attempt) {
            considerPlanning(cause);
        }
    }

    private void onDrafted(Drafting drafting, ImmutableList<WorkerRecord> workers) {
        switch (drafting) {
            case Drafting.Written(Rollout rollout) -> load(rollout);
            case Drafting.TryAgain(String reason) -> lose(reason);
            case Drafting.Overtaken(long epoch) -> onOvertaken(epoch);
            case Drafting.NotPossible(String reason) -> {
                if (!phase().equals(new Impossible(reason))) {
                    showcase.enter(new Impossible(reason));
                }
                if (!workers.equals(showcase.workers())) {
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
        drafts.onOvertaken(epoch);
        failedBefore = true;
        lose("Another coordinator has made a newer plan.");
    }

    private void load(Rollout rollout) {
        plannedBefore = true;
        drafts.onWritten(rollout);
        long mine = attempt;
        Launch launch = Launch.start(rollout, companions.vitals().prepared(), tools.channels(), tools.settings(),
                timings,
                () -> SlowLinks.silence(DriverLimits.DEFAULT_LEAST_SILENCE, rollout, links(), tools.trips()),
                tools.line().onStep(rollout.workers()),
                new Launch.Listener() {
                    @Override
                    public void onProgress(String progress) {
                        post(() -> {
                            if (phase() instanceof Loading(Rollout plan, Launch current, _)) {
                                showcase.update(new Loading(plan, current, progress));
                            }
                        });
                    }

                    @Override
                    public void onProbing(PipelineLoop pipeline) {
                        post(() -> onLoaded(rollout, pipeline));
                    }

                    @Override
                    public void onReady(PipelineLoop pipeline) {
                        post(() -> onProbed(rollout, pipeline));
                    }

                    @Override
                    public void onFailed(String reason, Optional<WorkerRecord> culprit) {
                        post(() -> lose(reason, culprit));
                    }

                    private void post(Runnable event) {
                        loop.execute(() -> ifCurrent(mine, event));
                    }
                });
        showcase.enter(new Loading(rollout, launch, "the workers have been asked"));
    }

    private void onLoaded(Rollout rollout, PipelineLoop pipeline) {
        if (phase() instanceof Loading(_, Launch launch, _)) {
            showcase.enter(new Probing(rollout, launch));
            companions.onLoaded(rollout, pipeline);
        }
    }

    private void onProbed(Rollout rollout, PipelineLoop pipeline) {
        if (!(phase() instanceof Probing(_, Launch launch))) {
            return;
        }
        showcase.enter(new Ready(rollout, launch, pipeline));
        takeovers.onReady();
        companions.onReady(rollout, pipeline);
        long mine = attempt;
        loop.schedule(STABLE, () -> ifCurrent(mine, () -> {
            failedBefore = false;
            backOff.reset();
        }));
    }

    /** The same; others may do without the culprit for a while. */
    private void lose(String reason, Optional<WorkerRecord> culprit) {
        culprit.ifPresent(worker -> avoidances.add(worker.getIncarnationId(), reason));
        lose(reason);
    }

    /** Gives up the current attempt and begins another one: at once when this one did work, else after a while. */
    private void lose(String reason) {
        boolean atOnce = phase() instanceof Ready && !failedBefore;
        failedBefore = true;
        leave(reason);
        showcase.enter(new Lost(reason));
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
        companions.onEnd();
        if (phase() instanceof Ready(_, _, PipelineLoop pipeline)) {
            takeovers.onLost();
            generations.detach(pipeline, reason);
            if (generations.hasRunner()) {
                // Nobody waits for the one that takes its place.
                takeovers.onReady();
            }
        }
        Thread.ofVirtual().name("end-" + attempt).start(phase()::end);
    }

    private Phase phase() {
        return showcase.phase();
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
        companions.close();
        loop.execute(() -> {
            attempt++;
            companions.onEnd();
            last.complete(phase());
            showcase.enter(new Closed());
        });
        try {
            last.get(CLOSE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS).end();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("The model did not stop in good order.", e);
        }
    }

    /** What goes on beside the pipeline asks for. */
    private final class PipelineHost implements Companions.Host {
        @Override
        public ImmutableList<WorkerRecord> workers() {
            return showcase.workers();
        }

        @Override
        public boolean isSpare() {
            return tools.spare().getAsBoolean();
        }

        @Override
        public void giveUp(String reason, Optional<WorkerRecord> culprit) {
            lose(reason, culprit);
        }

        @Override
        public void planAgain(String cause) {
            ModelLifecycle.this.planAgain(cause);
        }

        @Override
        public void onOvertaken(long epoch) {
            ModelLifecycle.this.onOvertaken(epoch);
        }

        @Override
        public void switchTo(Proposal proposal) {
            long mine = attempt;
            drafts.write(proposal, result -> ifCurrent(mine, () -> {
                switch (result) {
                    case Drafting.Written(Rollout rollout) -> {
                        leave("The model is moving to other machines.");
                        load(rollout);
                    }
                    case Drafting.Overtaken(long epoch) -> ModelLifecycle.this.onOvertaken(epoch);
                    case Drafting.TryAgain _,Drafting.NotPossible _,Drafting.Drafted _ ->
                        companions.upkeep().onNotSwitched();
                }
            }));
        }
    }
}

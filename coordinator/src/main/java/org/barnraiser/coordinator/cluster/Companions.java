package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import org.barnraiser.coordinator.schedule.PipelineLoop;
import org.barnraiser.proto.WorkerRecord;
import org.jspecify.annotations.Nullable;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

/**
 * What goes on beside the life of a model: its workers' pulses and what they hold, who of them is missing, the watch over a pipeline that may
 * stand still, its upkeep, and its draft model. Owned by the event loop, on which it says what that means for the model.
 */
final class Companions implements AutoCloseable {
    private final EventLoop loop;
    private final ModelLifecycle.Tools tools;
    private final ClusterTimings timings;
    private final Showcase showcase;
    private final Host host;
    private final Vitals vitals;
    private final Inventory inventory;
    private final Drafts drafts;
    private final Upkeep upkeep;
    private final MissingWorkers missing;
    private @Nullable PipelineWatch watch;

    /** Whose companions they are; called on the event loop. */
    interface Host extends Upkeep.Host {
        /** The same; others may do without the culprit for a while. */
        void giveUp(String reason, Optional<WorkerRecord> culprit);

        @Override
        default void giveUp(String reason) {
            giveUp(reason, Optional.empty());
        }

        /** A model that did not fit may fit now. */
        void planAgain(String cause);
    }

    Companions(EventLoop loop, ModelLifecycle.Tools tools, ClusterTimings timings, Showcase showcase,
            Avoidances avoidances, Host host) {
        this.loop = loop;
        this.tools = tools;
        this.timings = timings;
        this.showcase = showcase;
        this.host = host;
        vitals = new Vitals(loop, tools.channels(), timings, tools.trips(), tools.line(), tools.ticker(),
                tools.holdings().modelDigest(),
                new Pulses());
        inventory = new Inventory(tools.holdings(), tools.channels(), timings.call(), tools.ticker());
        drafts = new Drafts(loop, tools.drafter(), vitals, avoidances, tools.elsewhere());
        upkeep = new Upkeep(new Upkeep.Tools(loop, tools.loads(), tools.channels(), timings,
                new Unloader(tools.channels(), timings.call()), vitals, drafts, avoidances,
                new CopyCare.Tools(tools.copies(), tools.holdings(), tools.loads(), tools.channels(),
                        timings.loadStall()),
                tools.ticker()),
                new Rates(tools.ticker()), host);
        missing = new MissingWorkers(loop, tools.rollCall(), timings.call(), new PlannedWorkers());
        vitals.start();
    }

    /** From any thread. */
    Vitals vitals() {
        return vitals;
    }

    /** From any thread. */
    Upkeep upkeep() {
        return upkeep;
    }

    /** Makes plans with what is known here. */
    Drafts drafts() {
        return drafts;
    }

    /** The registered workers have changed. */
    void onWorkers(ImmutableList<WorkerRecord> workers) {
        drafts.onWorkers(workers);
        ImmutableList<WorkerRecord> known = drafts.workers();
        tools.channels().retain(known.stream().map(WorkerRecord::getAddress).collect(toImmutableSet()));
        vitals.watch(known);
        inventory.onWorkers(known);
    }

    /** A plan is being carried out, or runs, and its workers, or what they wish, may have changed. */
    void lookAfterPlan() {
        missing.check();
        upkeep.onWorkers();
    }

    /** All stages are loaded. */
    void onLoaded(Rollout rollout, PipelineLoop pipeline) {
        int largest = tools.settings().maxStepTokens();
        watch = new PipelineWatch(loop, rollout, pipeline, vitals, tools.reachability(),
                SlowLinks.stall(timings.stall(), rollout, tools.reachability().links(), largest), largest,
                tools.ticker());
    }

    /** The pipeline answers from now on. */
    void onReady(Rollout rollout, PipelineLoop pipeline) {
        upkeep.begin(rollout, pipeline);
        tools.draftCare().begin(rollout, pipeline);
        missing.check();
    }

    /** Whatever plan was being carried out, or ran, is not any more. */
    void onEnd() {
        watch = null;
        upkeep.end();
        tools.draftCare().end();
    }

    /** No pulse is felt from now on. From any thread. */
    @Override
    public void close() {
        vitals.close();
    }

    private final class Pulses implements Vitals.Listener {
        @Override
        public void onSilent(WorkerRecord worker) {
            tools.holdings().onSilent(worker.getIncarnationId());
            if (showcase.phase().rollout().stream().anyMatch(rollout -> rollout.uses(worker.getIncarnationId()))) {
                host.giveUp("Worker " + worker.getWorkerId() + " gives no sign of life.");
            }
        }

        @Override
        public void onReturn(WorkerRecord worker) {
            tools.holdings().onReturn(worker.getIncarnationId());
            host.planAgain("Worker " + worker.getWorkerId() + " is back.");
            upkeep.onWorkers();
        }

        @Override
        public void onTick() {
            inventory.onTick(drafts.workers(), vitals);
            upkeep.onTick();
            if (showcase.refreshAvoided()) {
                upkeep.onWorkers();
            }
            PipelineWatch watching = watch;
            if (watching != null) {
                watching.check(trouble -> {
                    if (watching == watch) {
                        host.giveUp(trouble.reason(), trouble.culprit());
                    }
                });
            }
        }
    }

    private final class PlannedWorkers implements MissingWorkers.Plan {
        @Override
        public ImmutableList<WorkerRecord> missing() {
            return showcase.phase().rollout().stream().flatMap(rollout -> rollout.stages().stream())
                    .map(Rollout.Stage::worker).filter(worker -> !showcase.view().isRegistered(worker))
                    .collect(toImmutableList());
        }

        @Override
        public void onGone(WorkerRecord worker) {
            host.giveUp("Worker " + worker.getWorkerId() + " is gone.");
        }
    }
}

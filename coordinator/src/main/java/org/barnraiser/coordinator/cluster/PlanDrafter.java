package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.plan.Aim;
import org.barnraiser.coordinator.plan.Hop;
import org.barnraiser.coordinator.plan.MachineOffer;
import org.barnraiser.coordinator.plan.ModelNeeds;
import org.barnraiser.coordinator.plan.Placement;
import org.barnraiser.coordinator.plan.Plan;
import org.barnraiser.coordinator.plan.PlanInput;
import org.barnraiser.coordinator.plan.PlanOutcome;
import org.barnraiser.coordinator.plan.PlannedStage;
import org.barnraiser.coordinator.plan.Planner;
import org.barnraiser.coordinator.plan.Redivision;
import org.barnraiser.coordinator.plan.Redivision.Seen;
import org.barnraiser.proto.CacheType;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.Wish;
import org.barnraiser.proto.WorkerRecord;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

/** Drafts plans for one pipeline of a model: asks who is there, plans, and asks the machines whether they reach each other. Blocks; any thread. */
final class PlanDrafter {
    /** Each further plan is one whose ways have not been tried yet; so many in a row are enough for one attempt. */
    private static final int MAX_DETOURS = 8;

    private final ShardSource source;
    private final PipelineKey pipeline;
    private final PipelineSettings settings;
    private final int wantedStages;
    private final Planner planner;
    private final RollCall rollCall;
    private final Reachability reachability;
    private final PlanStore store;
    private final PlanRecords records;
    private final Estimates estimates;
    private final Aim aim;
    private final SharedMemory memory;

    /**
     * Makes a drafter.
     *
     * @param settings resolved for the model
     * @param wantedStages 0 for as few as fit
     * @param aim what plans are made for
     * @param memory of the workers, which other models use as well
     */
    PlanDrafter(ShardSource source, ModelDescription model, PipelineKey pipeline, PipelineSettings settings,
            int wantedStages,
            Aim aim, Planner planner, RollCall rollCall, Reachability reachability, PlanStore store,
            LoadRequests loads, SharedMemory memory) {
        this.memory = memory;
        this.source = source;
        this.pipeline = pipeline;
        this.settings = settings;
        this.wantedStages = wantedStages;
        this.planner = planner;
        this.rollCall = rollCall;
        this.reachability = reachability;
        this.store = store;
        this.aim = aim;
        estimates = new Estimates(settings);
        records = new PlanRecords(model, pipeline, source.layerCount(), loads);
    }

    /** Drafts a plan for those of the workers that answer. */
    Drafting draft(Circumstances circumstances) throws InterruptedException {
        try {
            // Read before anything else, so that a plan which another coordinator writes meanwhile is not overwritten.
            PlanStore.Stored newest = store.read(pipeline.node());
            if (circumstances.ownEpoch() > 0 && newest.epoch() > circumstances.ownEpoch()) {
                return new Drafting.Overtaken(newest.epoch());
            }
            return draft(circumstances, newest);
        } catch (ClusterException e) {
            return new Drafting.TryAgain(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Another cut of the newest plan over the same machines; empty when none is quicker, or not all of them are here to stay.
     *
     * @param seen what the stages of that plan take
     */
    Optional<Recut> redivide(Circumstances circumstances, ImmutableList<Seen> seen) throws ClusterException {
        PlanStore.Stored newest = store.read(pipeline.node());
        ImmutableList<WorkerRecord> able = circumstances.workers().stream()
                .filter(worker -> worker.getWish() == Wish.WISH_LEND
                        && !circumstances.elsewhere().contains(worker.getIncarnationId())
                        && !circumstances.avoided().contains(worker.getIncarnationId())
                        && source.refusal(worker.getEngine().getAbi()).isEmpty())
                .collect(toImmutableList());
        if (newest.epoch() != circumstances.ownEpoch()) {
            return Optional.empty();
        }
        ModelNeeds needs = needs(able);
        PlanInput input = new PlanInput(needs, Estimates.offers(able, memory.takenBeside(pipeline)),
                records.preferences(wantedStages, newest.plan(), needs, able, circumstances.prepared(), Set.of()), aim,
                reachability.links());
        return Redivision.find(input, seen).map(better -> new Recut(
                proposal(better.plan(), able, needs, circumstances, newest), better.gain(), better.savedSeconds()));
    }

    private Proposal proposal(Plan plan, ImmutableList<WorkerRecord> able, ModelNeeds needs,
            Circumstances circumstances, PlanStore.Stored newest) {
        PlanRecord record = records.record(plan, standbys(plan, able, circumstances), circumstances.prepared(),
                newest.plan());
        return new Proposal(estimates.with(record, plan, needs, reachability.links(), able), newest.epoch(),
                newest.plan(),
                Maps.uniqueIndex(able, WorkerRecord::getIncarnationId));
    }

    /** Drafts a plan, and writes it down when there is one. */
    Drafting draftAndWrite(Circumstances circumstances) throws InterruptedException {
        try (var _ = memory.takeTurn()) {
            Drafting drafting = draft(circumstances);
            return drafting instanceof Drafting.Drafted(Proposal proposal) ? write(proposal) : drafting;
        }
    }

    /** Writes a plan down, which gives it its epoch. */
    Drafting write(Proposal proposal) {
        try {
            return new Drafting.Written(
                    records.rollout(store.write(pipeline.node(), proposal.plan(), proposal.after()), proposal));
        } catch (PlanConflictException _) {
            return new Drafting.Overtaken(proposal.after() + 1);
        } catch (ClusterException e) {
            return new Drafting.TryAgain(String.valueOf(e.getMessage()));
        }
    }

    private Drafting draft(Circumstances circumstances, PlanStore.Stored newest)
            throws InterruptedException, ClusterException {
        ImmutableList<WorkerRecord> present = newest.plan().isEmpty()
                ? rollCall.presentSoon(circumstances.workers())
                : rollCall.present(circumstances.workers());
        if (present.isEmpty()) {
            return new Drafting.TryAgain(circumstances.workers().isEmpty()
                    ? "No worker is here."
                    : "None of the registered workers (" + circumstances.workers().size() + ") answers.");
        }
        Optional<WorkerRecord> hesitating = circumstances.workers().stream()
                .filter(worker -> !present.contains(worker)
                        && newest.plan().stream().anyMatch(plan -> PlanRecords.uses(plan, worker)))
                .findFirst();
        if (circumstances.atLeisure() && hesitating.isPresent()) {
            return new Drafting.TryAgain("Worker " + hesitating.get().getWorkerId()
                    + " does not answer; whether it is gone, its pulse will tell.");
        }
        if (!circumstances.atLeisure()) {
            // What is planned now is loaded at once, into memory that must be free by then; whoever does not answer gets nothing.
            memory.reclaim(circumstances.workers(), present);
        }
        ImmutableList<WorkerRecord> free = present.stream()
                .filter(worker -> !circumstances.elsewhere().contains(worker.getIncarnationId()))
                .collect(toImmutableList());
        if (free.isEmpty()) {
            return new Drafting.NotPossible("All workers that answer are in other pipelines.");
        }
        ImmutableList<WorkerRecord> able = free.stream()
                .filter(worker -> source.refusal(worker.getEngine().getAbi()).isEmpty())
                .collect(toImmutableList());
        if (able.isEmpty()) {
            return new Drafting.NotPossible(
                    source.refusal(free.getFirst().getEngine().getAbi()).orElseThrow());
        }
        ImmutableMap<String, Long> taken = memory.takenBeside(pipeline);
        PlanOutcome outcome = null;
        for (ImmutableList<WorkerRecord> candidates : candidates(able, circumstances)) {
            outcome = plan(candidates, taken, circumstances, newest);
            if (outcome instanceof PlanOutcome.Planned(Plan plan)) {
                return new Drafting.Drafted(proposal(plan, able, needs(candidates), circumstances, newest));
            }
        }
        return switch (outcome) {
            case PlanOutcome.DoesNotFit(_, String reason) -> new Drafting.NotPossible(reason);
            case null, default -> throw new IllegalStateException("nothing was planned");
        };
    }

    /** Sets of machines to plan with; each further one only when the model does not fit on the one before. */
    private static List<ImmutableList<WorkerRecord>> candidates(ImmutableList<WorkerRecord> able,
            Circumstances circumstances) {
        ImmutableList<WorkerRecord> untaken = able.stream()
                .filter(worker -> worker.getWish() != Wish.WISH_RECLAIM)
                .collect(toImmutableList());
        ImmutableList<WorkerRecord> sound = untaken.stream()
                .filter(worker -> !circumstances.avoided().contains(worker.getIncarnationId()))
                .collect(toImmutableList());
        ImmutableList<WorkerRecord> lent = sound.stream()
                .filter(worker -> worker.getWish() == Wish.WISH_LEND)
                .collect(toImmutableList());
        return circumstances.atLeisure() ? List.of(lent) : List.of(lent, sound, untaken);
    }

    private static ImmutableList<WorkerRecord> standbys(Plan plan, ImmutableList<WorkerRecord> able,
            Circumstances circumstances) {
        ImmutableSet<String> used = plan.stages().stream().map(stage -> stage.machine().incarnationId())
                .collect(toImmutableSet());
        return able.stream()
                .filter(worker -> worker.getWish() == Wish.WISH_LEND && !used.contains(worker.getIncarnationId())
                        && !circumstances.avoided().contains(worker.getIncarnationId()))
                .collect(toImmutableList());
    }

    private PlanOutcome plan(ImmutableList<WorkerRecord> workers, ImmutableMap<String, Long> taken,
            Circumstances circumstances, PlanStore.Stored newest)
            throws InterruptedException {
        ModelNeeds needs = needs(workers);
        ImmutableList<MachineOffer> machines = Estimates.offers(workers, taken);
        Set<Hop> cut = new LinkedHashSet<>();
        while (true) {
            PlanInput input = new PlanInput(needs, machines,
                    records.preferences(wantedStages, newest.plan(), needs, workers, circumstances.prepared(), cut),
                    aim, reachability.links());
            // Who is missing at leisure is about to leave: then too as little as possible moves.
            boolean complete = machines.stream().map(MachineOffer::incarnationId).collect(toImmutableSet())
                    .containsAll(input.preferences().running().stream().map(Placement::incarnationId).toList());
            PlanOutcome outcome = circumstances.atLeisure() && complete
                    ? planner.afresh(unhurried(input))
                    : planner.plan(input);
            if (!(outcome instanceof PlanOutcome.Planned(Plan plan)) || cut.size() > MAX_DETOURS
                    || !cut.addAll(reachability.cutBetween(inOrder(plan, workers)))) {
                return outcome;
            }
        }
    }

    private ModelNeeds needs(List<WorkerRecord> workers) {
        ImmutableSet<EngineAbi> engines = workers.stream().map(worker -> worker.getEngine().getAbi())
                .collect(toImmutableSet());
        ModelNeeds ordinary = source.needs(
                engines.isEmpty() ? ImmutableSet.of(EngineAbi.ENGINE_ABI_V0_5) : engines, settings.cacheTokens());
        // A plan knows one size for each layer, wherever it runs, so all machines must agree on the smaller one.
        boolean smallCaches = !workers.isEmpty() && workers.stream()
                .allMatch(worker -> worker.getEngine().getCacheType() == CacheType.CACHE_TYPE_Q8_0);
        return smallCaches ? ordinary.withSmallCaches() : ordinary;
    }

    /**
     * While a plan runs, machines are exchanged by what they were seen to do; what they did when they were measured says less, and
     * the two would contradict each other.
     */
    private static PlanInput unhurried(PlanInput input) {
        return input.preferences().running().isEmpty() ? input : input.withoutSpeeds();
    }

    private static ImmutableList<WorkerRecord> inOrder(Plan plan, ImmutableList<WorkerRecord> workers) {
        return plan.stages().stream().map(PlannedStage::machine)
                .map(machine -> workers.stream()
                        .filter(worker -> worker.getIncarnationId().equals(machine.incarnationId()))
                        .findFirst().orElseThrow())
                .collect(toImmutableList());
    }
}

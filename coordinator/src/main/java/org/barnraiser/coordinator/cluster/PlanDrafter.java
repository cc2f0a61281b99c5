package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import java.util.Optional;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.plan.MachineOffer;
import org.barnraiser.coordinator.plan.Plan;
import org.barnraiser.coordinator.plan.PlanInput;
import org.barnraiser.coordinator.plan.PlanOutcome;
import org.barnraiser.coordinator.plan.PlannedStage;
import org.barnraiser.coordinator.plan.Planner;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.LayerRange;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.PipelineRecord;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.StageRecord;
import org.barnraiser.proto.WorkerRecord;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

/** Drafts plans for one model: asks who is there, plans, and writes the plan down under a new epoch. */
final class PlanDrafter {
    private final ShardSource source;
    private final ModelDescription model;
    private final PipelineSettings settings;
    private final Planner planner;
    private final RollCall rollCall;
    private final PlanStore store;
    private final String weightsAddress;

    PlanDrafter(ShardSource source, ModelDescription model, PipelineSettings settings, Planner planner,
            RollCall rollCall,
            PlanStore store, String weightsAddress) {
        this.source = source;
        this.model = model;
        this.settings = settings;
        this.planner = planner;
        this.rollCall = rollCall;
        this.store = store;
        this.weightsAddress = weightsAddress;
    }

    /** Drafts a plan for those of the registered workers that answer. Blocks on them and on ZooKeeper. */
    Drafting draft(ImmutableList<WorkerRecord> registered) throws InterruptedException {
        try {
            // Read before anything else, so that a plan which another coordinator writes meanwhile is not overwritten.
            PlanStore.Stored newest = store.read(model.digest());
            return draft(registered, newest);
        } catch (PlanConflictException _) {
            return new Drafting.TryAgain("Another coordinator has written a plan at the same moment.");
        } catch (ClusterException e) {
            return new Drafting.TryAgain(String.valueOf(e.getMessage()));
        }
    }

    private Drafting draft(ImmutableList<WorkerRecord> registered, PlanStore.Stored newest)
            throws InterruptedException, PlanConflictException, ClusterException {
        ImmutableList<WorkerRecord> present = rollCall.present(registered);
        if (present.isEmpty()) {
            return new Drafting.TryAgain(registered.isEmpty()
                    ? "No worker is here."
                    : "None of the registered workers (" + registered.size() + ") answers.");
        }
        ImmutableList<WorkerRecord> able = present.stream()
                .filter(worker -> source.refusal(abi(worker)).isEmpty())
                .collect(toImmutableList());
        if (able.isEmpty()) {
            return new Drafting.NotPossible(source.refusal(abi(present.getFirst())).orElseThrow());
        }
        ImmutableSet<EngineAbi> engines = able.stream().map(PlanDrafter::abi).collect(toImmutableSet());
        PlanInput input = new PlanInput(source.needs(engines, settings.cacheTokens()),
                able.stream().map(PlanDrafter::offer).collect(toImmutableList()),
                org.barnraiser.coordinator.plan.Preferences.stages(able.size()));
        return switch (planner.plan(input)) {
            case PlanOutcome.DoesNotFit(_, String reason) -> new Drafting.NotPossible(reason);
            case PlanOutcome.Planned(Plan plan) -> {
                PlanRecord written = store.write(record(plan), newest.epoch());
                yield new Drafting.Drafted(
                        rollout(written, Maps.uniqueIndex(able, WorkerRecord::getWorkerId), newest.plan()));
            }
        };
    }

    private static EngineAbi abi(WorkerRecord worker) {
        return worker.getEngine().getAbi();
    }

    private static MachineOffer offer(WorkerRecord worker) {
        return new MachineOffer(worker.getWorkerId(), worker.getIncarnationId(), worker.getAddress(),
                worker.getUsableMemoryBytes());
    }

    private PlanRecord record(Plan plan) {
        PipelineRecord.Builder pipeline = PipelineRecord.newBuilder()
                // The same over all epochs, so that a worker whose part stays the same keeps it loaded.
                .setPipelineId(model.digest().substring(0, 16) + "-0");
        for (PlannedStage stage : plan.stages()) {
            pipeline.addStages(StageRecord.newBuilder()
                    .setWorkerId(stage.machine().workerId())
                    .setIncarnationId(stage.machine().incarnationId())
                    .setAddress(stage.machine().address())
                    .setLayers(LayerRange.newBuilder().setFirst(stage.first()).setLast(stage.last()))
                    .setMemoryBytes(stage.memoryBytes()));
        }
        return PlanRecord.newBuilder()
                .setModelName(model.name())
                .setModelDigest(model.digest())
                .setLayerCount(source.layerCount())
                .addPipelines(pipeline)
                .build();
    }

    private Rollout rollout(PlanRecord plan, ImmutableMap<String, WorkerRecord> workers,
            Optional<PlanRecord> previous) {
        PipelineRecord pipeline = plan.getPipelines(0);
        ImmutableList.Builder<Rollout.Stage> stages = ImmutableList.builder();
        for (int index = 0; index < pipeline.getStagesCount(); index++) {
            stages.add(stage(plan, index, workers));
        }
        ImmutableSet<String> kept = pipeline.getStagesList().stream().map(StageRecord::getAddress)
                .collect(toImmutableSet());
        ImmutableList<String> dismissed = previous.stream()
                .flatMap(record -> record.getPipelinesList().stream())
                .flatMap(record -> record.getStagesList().stream())
                .map(StageRecord::getAddress)
                .filter(address -> !kept.contains(address) && isRegistered(address, workers))
                .distinct()
                .collect(toImmutableList());
        return new Rollout(plan, stages.build(), dismissed);
    }

    private static boolean isRegistered(String address, ImmutableMap<String, WorkerRecord> workers) {
        return workers.values().stream().anyMatch(worker -> worker.getAddress().equals(address));
    }

    private Rollout.Stage stage(PlanRecord plan, int index, ImmutableMap<String, WorkerRecord> workers) {
        PipelineRecord pipeline = plan.getPipelines(0);
        StageRecord stage = pipeline.getStages(index);
        WorkerRecord worker = workers.get(stage.getWorkerId());
        if (worker == null) {
            throw new IllegalStateException("the planner has used a worker it was not given: " + stage.getWorkerId());
        }
        boolean tail = index == pipeline.getStagesCount() - 1;
        return new Rollout.Stage(worker, LoadShardRequest.newBuilder()
                .setShard(source.shard(stage.getLayers().getFirst(), stage.getLayers().getLast(), abi(worker)))
                .setPipelineId(pipeline.getPipelineId())
                .setEpoch(plan.getEpoch())
                .setStageIndex(index)
                .setStageCount(pipeline.getStagesCount())
                .setSlots(settings.slots())
                .setContextTokens(settings.contextTokens())
                .setCacheTokens(settings.cacheTokens())
                .setMaxStepTokens(settings.maxStepTokens())
                .setNextStageAddress(tail ? "" : pipeline.getStages(index + 1).getAddress())
                .setWire(settings.wire())
                .setWeightsAddress(weightsAddress)
                .build());
    }
}

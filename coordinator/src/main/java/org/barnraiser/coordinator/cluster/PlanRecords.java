package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.plan.Hop;
import org.barnraiser.coordinator.plan.Layers;
import org.barnraiser.coordinator.plan.ModelNeeds;
import org.barnraiser.coordinator.plan.Placement;
import org.barnraiser.coordinator.plan.Plan;
import org.barnraiser.coordinator.plan.PlannedStage;
import org.barnraiser.coordinator.plan.Preferences;
import org.barnraiser.proto.LayerRange;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.PipelineRecord;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.StageRecord;
import org.barnraiser.proto.StandbyRecord;
import org.barnraiser.proto.WorkerRecord;

import static com.google.common.collect.ImmutableList.toImmutableList;

/** Turns plans into the records in ZooKeeper, and what such a record says into preferences for the next plan. */
final class PlanRecords {
    private final ModelDescription model;
    private final PipelineKey pipeline;
    private final int layerCount;
    private final LoadRequests loads;

    PlanRecords(ModelDescription model, PipelineKey pipeline, int layerCount, LoadRequests loads) {
        this.model = model;
        this.pipeline = pipeline;
        this.layerCount = layerCount;
        this.loads = loads;
    }

    /** A plan without an epoch. */
    PlanRecord record(Plan plan, List<WorkerRecord> standbys, ImmutableSetMultimap<String, String> prepared,
            Optional<PlanRecord> previous) {
        PipelineRecord.Builder stages = PipelineRecord.newBuilder().setPipelineId(pipeline.pipelineId());
        for (PlannedStage stage : plan.stages()) {
            stages.addStages(StageRecord.newBuilder()
                    .setWorkerId(stage.machine().workerId())
                    .setIncarnationId(stage.machine().incarnationId())
                    .setAddress(stage.machine().address())
                    .setLayers(LayerRange.newBuilder().setFirst(stage.first()).setLast(stage.last()))
                    .setMemoryBytes(stage.memoryBytes()));
        }
        PlanRecord.Builder record = PlanRecord.newBuilder()
                .setModelName(model.name())
                .setModelDigest(model.digest())
                .setLayerCount(layerCount)
                .addPipelines(stages);
        for (WorkerRecord worker : standbys) {
            StandbyRecord.Builder standby = StandbyRecord.newBuilder()
                    .setWorkerId(worker.getWorkerId())
                    .setIncarnationId(worker.getIncarnationId())
                    .setAddress(worker.getAddress());
            plan.stages().stream().map(PlannedStage::layers)
                    .filter(layers -> prepared.containsEntry(worker.getIncarnationId(),
                            loads.shard(layers, worker).getShardId()))
                    .findFirst()
                    .ifPresent(layers -> standby.setPrepared(
                            LayerRange.newBuilder().setFirst(layers.first()).setLast(layers.last())));
            record.addStandbys(standby);
        }
        return record.build();
    }

    /** Whether a plan gives a stage to this incarnation of a worker. */
    static boolean uses(PlanRecord plan, WorkerRecord worker) {
        return plan.getPipelinesList().stream().flatMap(pipeline -> pipeline.getStagesList().stream())
                .anyMatch(stage -> stage.getIncarnationId().equals(worker.getIncarnationId()));
    }

    /** What speaks for one plan rather than another; a record that is no plan for this model says nothing. */
    Preferences preferences(int wantedStages, Optional<PlanRecord> previous, ModelNeeds needs,
            List<WorkerRecord> workers, ImmutableSetMultimap<String, String> prepared, Set<Hop> cut) {
        ImmutableList<Placement> running = previous.map(plan -> placements(plan, needs)).orElse(ImmutableList.of());
        ImmutableSetMultimap.Builder<String, Layers> inMemory = ImmutableSetMultimap.builder();
        ImmutableSetMultimap.Builder<String, Layers> onDisk = ImmutableSetMultimap.builder();
        for (WorkerRecord worker : workers) {
            Set<String> held = Set.copyOf(worker.getShardsHeldList());
            for (Placement placement : running) {
                String shard = loads.shard(placement.layers(), worker).getShardId();
                if (prepared.containsEntry(worker.getIncarnationId(), shard)) {
                    inMemory.put(worker.getIncarnationId(), placement.layers());
                }
                if (held.contains(shard)) {
                    onDisk.put(worker.getIncarnationId(), placement.layers());
                }
            }
        }
        return new Preferences(wantedStages, running, inMemory.build(), onDisk.build(), ImmutableSet.copyOf(cut));
    }

    private static ImmutableList<Placement> placements(PlanRecord plan, ModelNeeds needs) {
        if (plan.getPipelinesCount() == 0) {
            return ImmutableList.of();
        }
        ImmutableList<Placement> placements = plan.getPipelines(0).getStagesList().stream()
                .map(stage -> new Placement(stage.getIncarnationId(), LoadRequests.layers(stage.getLayers())))
                .collect(toImmutableList());
        boolean legal = placements.stream().map(Placement::layers)
                .allMatch(layers -> layers.first() < layers.last() && needs.cutPoints().contains(layers.first())
                        && needs.cutPoints().contains(layers.last()));
        return legal ? placements : ImmutableList.of();
    }

    /** All that it takes to carry a written plan out. */
    Rollout rollout(PlanRecord written, Proposal proposal) {
        ImmutableList.Builder<Rollout.Stage> stages = ImmutableList.builder();
        for (int index = 0; index < proposal.stages().size(); index++) {
            stages.add(loads.stage(written, index, proposal.worker(proposal.stages().get(index).getIncarnationId()),
                    LoadShardRequest.Extent.RUN));
        }
        Set<String> kept = Set.copyOf(proposal.stages().stream().map(StageRecord::getIncarnationId).toList());
        ImmutableList<WorkerRecord> dismissed = proposal.previous().stream()
                .flatMap(record -> record.getPipelinesList().stream())
                .flatMap(record -> record.getStagesList().stream())
                .map(StageRecord::getIncarnationId)
                .filter(incarnation -> !kept.contains(incarnation) && proposal.workers().containsKey(incarnation))
                .distinct()
                .map(proposal::worker)
                .collect(toImmutableList());
        return new Rollout(written, stages.build(), proposal.standbys(), dismissed);
    }
}

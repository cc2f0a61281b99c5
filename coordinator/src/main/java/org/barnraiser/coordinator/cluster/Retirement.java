package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.StageRecord;
import org.barnraiser.proto.StandbyRecord;
import org.barnraiser.proto.WorkerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

/**
 * Frees the memory of workers that still run a pipeline which nobody hosts any more: a coordinator that ends leaves its stages loaded, so that
 * the next one finds them, and the next one may have come with other models, or with fewer pipelines. Their plans in ZooKeeper say who is concerned, and are emptied.
 */
final class Retirement {
    private static final Logger LOG = LoggerFactory.getLogger(Retirement.class);

    private final PlanStore store;
    private final ImmutableSet<PipelineKey> hosted;
    private final Unloader unloader;

    /** @param hosted pipelines of the models that are hosted */
    Retirement(PlanStore store, Set<PipelineKey> hosted, Unloader unloader) {
        this.store = store;
        this.hosted = ImmutableSet.copyOf(hosted);
        this.unloader = unloader;
    }

    /**
     * To be called by a leader before it plans. Who cannot be told now is told before the next plan, and keeps nobody waiting until then.
     * Blocks on ZooKeeper, and on each worker that is told.
     *
     * @param present those of the workers that answer
     */
    void release(List<WorkerRecord> workers, List<WorkerRecord> present) throws ClusterException {
        for (String node : store.nodes()) {
            if (hosted.stream().noneMatch(pipeline -> pipeline.node().equals(node))) {
                PlanStore.Stored stored = store.read(node);
                if (stored.plan().isPresent()) {
                    release(node, stored.plan().get(), stored.epoch(), workers, present);
                }
            }
        }
    }

    private void release(String node, PlanRecord plan, long epoch, List<WorkerRecord> workers,
            List<WorkerRecord> present) throws ClusterException {
        Set<String> concerned = incarnations(plan);
        if (concerned.isEmpty()) {
            return;
        }
        boolean all = true;
        for (WorkerRecord worker : workers) {
            if (concerned.contains(worker.getIncarnationId())) {
                all &= present.contains(worker) && unload(worker, node, plan, epoch);
            }
        }
        if (all) {
            try {
                var _ = store.write(node, plan.toBuilder().clearPipelines().clearStandbys().build(), epoch);
                LOG.info("A pipeline of {} is not hosted any more; what was loaded of it is freed.",
                        plan.getModelName());
            } catch (PlanConflictException e) {
                LOG.info("A pipeline of {} has found another leader: {}", plan.getModelName(), e.getMessage());
            }
        }
    }

    /** All that is loaded of the model, unless others of its pipelines are hosted, which may have come to the same machine. */
    private boolean unload(WorkerRecord worker, String node, PlanRecord plan, long epoch) {
        String model = PipelineKey.modelOf(node);
        if (hosted.stream().noneMatch(pipeline -> pipeline.modelDigest().equals(model))) {
            return unloader.retire(worker, model);
        }
        return plan.getPipelinesList().stream()
                .allMatch(pipeline -> unloader.release(worker, pipeline.getPipelineId(), epoch));
    }

    private static Set<String> incarnations(PlanRecord plan) {
        return Stream.concat(
                plan.getPipelinesList().stream().flatMap(pipeline -> pipeline.getStagesList().stream())
                        .map(StageRecord::getIncarnationId),
                plan.getStandbysList().stream().map(StandbyRecord::getIncarnationId)).collect(toImmutableSet());
    }
}

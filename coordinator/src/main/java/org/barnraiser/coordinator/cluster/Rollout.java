package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import org.barnraiser.coordinator.plan.Layers;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.WorkerRecord;

import static com.google.common.collect.ImmutableList.toImmutableList;

/**
 * A plan that has been written down, with all it takes to carry it out.
 *
 * @param plan one pipeline
 * @param stages its stages, head first
 * @param standbys workers that could take a stage over
 * @param dismissed workers that the plan before used and this one does not
 */
record Rollout(PlanRecord plan, ImmutableList<Stage> stages, ImmutableList<WorkerRecord> standbys,
        ImmutableList<WorkerRecord> dismissed) {

    /** One worker's part. */
    record Stage(WorkerRecord worker, LoadShardRequest load) {
        Layers layers() {
            return LoadRequests.layers(load.getShard().getLayers());
        }

        /** {@code layers 0–3 on w1}. */
        String words() {
            return range() + " on " + worker.getWorkerId();
        }

        /** {@code layers 0–3}, both ends included, as people count. */
        String range() {
            return layers().words();
        }
    }

    long epoch() {
        return plan.getEpoch();
    }

    String pipelineId() {
        return plan.getPipelines(0).getPipelineId();
    }

    Stage head() {
        return stages.getFirst();
    }

    Stage tail() {
        return stages.getLast();
    }

    /** Those of its stages, head first. */
    ImmutableList<WorkerRecord> workers() {
        return stages.stream().map(Stage::worker).collect(toImmutableList());
    }

    boolean uses(String incarnationId) {
        return stages.stream().anyMatch(stage -> stage.worker().getIncarnationId().equals(incarnationId));
    }
}

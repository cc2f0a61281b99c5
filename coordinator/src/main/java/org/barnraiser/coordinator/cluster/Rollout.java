package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import org.barnraiser.proto.LayerRange;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.WorkerRecord;

/**
 * A plan that has been written down, with all it takes to carry it out.
 *
 * @param plan one pipeline
 * @param stages its stages, head first
 * @param dismissed addresses of workers that an older plan used and this one does not
 */
record Rollout(PlanRecord plan, ImmutableList<Stage> stages, ImmutableList<String> dismissed) {

    /** One worker's part. */
    record Stage(WorkerRecord worker, LoadShardRequest load) {
        LayerRange layers() {
            return load.getShard().getLayers();
        }

        /** {@code layers 0–3 on w1}. */
        String words() {
            return range() + " on " + worker.getWorkerId();
        }

        /** {@code layers 0–3}, both ends included, as people count. */
        String range() {
            LayerRange layers = layers();
            int last = layers.getLast() - 1;
            return layers.getFirst() == last ? "layer " + last : "layers " + layers.getFirst() + "–" + last;
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
}

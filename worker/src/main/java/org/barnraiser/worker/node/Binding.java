package org.barnraiser.worker.node;

import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.worker.stage.StagePlace;

/**
 * What a loaded stage serves. It changes from plan to plan, while the engine stays as it is.
 *
 * @param nextStageAddress host:port, empty for the tail
 */
record Binding(String pipelineId, long epoch, StagePlace place, String nextStageAddress) {
    static Binding of(LoadShardRequest request) {
        return new Binding(request.getPipelineId(), request.getEpoch(),
                new StagePlace(request.getStageIndex(), request.getWire()), request.getNextStageAddress());
    }
}

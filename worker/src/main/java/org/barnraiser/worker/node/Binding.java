package org.barnraiser.worker.node;

import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.worker.stage.StagePlace;

/**
 * What a loaded stage serves. It changes from plan to plan, while the engine stays as it is.
 *
 * @param nextStageAddress host:port, empty for the tail
 * @param adaptWire whether hidden states are encoded as the way to the next stage allows
 */
record Binding(String pipelineId, long epoch, StagePlace place, String nextStageAddress,
        boolean adaptWire) {
    /** Whether the next stage is on this machine, so that nothing is to be saved on the way to it. */
    boolean isNextStageHere() {
        return nextStageAddress.startsWith("127.") || nextStageAddress.startsWith("localhost:")
                || nextStageAddress.startsWith("[::1]");
    }

    static Binding of(LoadShardRequest request) {
        return new Binding(request.getPipelineId(), request.getEpoch(),
                new StagePlace(request.getStageIndex(), request.getWire()), request.getNextStageAddress(),
                request.getAdaptWire());
    }
}

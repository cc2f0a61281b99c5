package org.barnraiser.worker.node;

import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.reach.Whereabouts;
import org.barnraiser.worker.stage.StagePlace;

/**
 * What a loaded stage serves. It changes from plan to plan, while the engine stays as it is.
 *
 * @param nextStageAddress host:port, empty for the tail
 * @param adaptWire whether hidden states are encoded as the way to the next stage allows
 * @param previousWorkerId from whom steps come; empty for the head
 * @param draft whether it is a whole model that guesses for another, and gives way to everything else
 */
record Binding(String pipelineId, long epoch, StagePlace place, String nextStageAddress, boolean adaptWire,
        String previousWorkerId, boolean draft) {
    /** Whether the next stage is on this machine, so that nothing is to be saved on the way to it. */
    boolean isNextStageHere() {
        return Whereabouts.parse(nextStageAddress).flatMap(Whereabouts::direct).map(Whereabouts::host)
                .filter(Whereabouts::isLoopback).isPresent();
    }

    /** Whether this member's steps are computed here: the worker's before in the plan, or for the head the coordinator's. */
    boolean takesStepsFrom(Identity caller) {
        return place.index() == 0
                ? caller.role() == Role.COORDINATOR
                : caller.role() == Role.WORKER && caller.id().equals(previousWorkerId);
    }

    static Binding of(LoadShardRequest request) {
        return new Binding(request.getPipelineId(), request.getEpoch(),
                new StagePlace(request.getStageIndex(), request.getWire()), request.getNextStageAddress(),
                request.getAdaptWire(), request.getPreviousWorkerId(),
                request.getDraft());
    }
}

package org.barnraiser.coordinator.cluster;

import java.util.Optional;
import java.util.function.Supplier;
import org.barnraiser.coordinator.cluster.Phase.Closed;
import org.barnraiser.coordinator.cluster.Phase.Joining;
import org.barnraiser.coordinator.cluster.Phase.Standby;
import org.barnraiser.coordinator.follow.StatusJson;
import org.barnraiser.coordinator.lead.Leading;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.schedule.Generations;
import org.barnraiser.coordinator.schedule.SequenceRunner;
import org.barnraiser.proto.LeaderState;

/**
 * The model as coordinators that follow this one see it. This one leads for as long as it drives a pipeline or makes one, whatever ZooKeeper
 * says of leadership meanwhile: a connection that is lost must not stop an answer.
 */
final class LeadingModel implements Leading {
    private final String coordinatorId;
    private final Replicas replicas;
    private final Generations generations;
    private final Supplier<ClusterStatus> status;

    LeadingModel(String coordinatorId, Replicas replicas, Generations generations, Supplier<ClusterStatus> status) {
        this.coordinatorId = coordinatorId;
        this.replicas = replicas;
        this.generations = generations;
        this.status = status;
    }

    @Override
    public Optional<LeaderState> state() {
        LifecycleView view = replicas.spokesman().view();
        return switch (view.phase()) {
            case Joining _,Standby _,Closed _ -> Optional.empty();
            case Phase phase -> Optional.of(state(view.readiness(), phase));
        };
    }

    private LeaderState state(Readiness readiness, Phase phase) {
        LeaderState.Builder state = LeaderState.newBuilder()
                .setCoordinatorId(coordinatorId)
                .setStatusJson(StatusJson.encode(status.get()));
        switch (readiness) {
            case Readiness.Ready _ -> state.setReady(true);
            case Readiness.NotReady(String reason, int retryAfterSeconds, boolean takingOver) -> state
                    .setReason(reason).setRetryAfterSeconds(retryAfterSeconds).setTakingOver(takingOver);
        }
        phase.rollout().ifPresent(rollout -> state.setPlan(rollout.plan()));
        return state.build();
    }

    @Override
    public SequenceRunner runner() throws ModelUnavailableException {
        if (replicas.ready().isEmpty()) {
            throw ClusterModel.unavailable(replicas.spokesman().view().phase().readiness());
        }
        return (sequence, listener) -> generations.runnerFor(sequence)
                .orElseThrow(() -> ClusterModel.unavailable(new Readiness.Ready())).run(sequence, listener);
    }
}

package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import org.barnraiser.coordinator.follow.Follower;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.proto.CoordinatorRecord;

import static com.google.common.collect.ImmutableList.toImmutableList;

/**
 * Whom this coordinator follows: the one that leads, while it drives no pipeline itself and makes none. Whoever stops leading goes on with
 * the pipeline it has until that one is taken from it. Changed on the event loop only.
 */
final class Allegiance {
    private final String ownId;
    private final Follower follower;
    private boolean free;
    private volatile CoordinatorMembership.View view = CoordinatorMembership.View.EMPTY;

    Allegiance(String ownId, Follower follower) {
        this.ownId = ownId;
        this.follower = follower;
    }

    /** Who coordinates has changed. */
    void onCoordinators(CoordinatorMembership.View now) {
        view = now;
        decide();
    }

    /** Where the own model is has changed. */
    void onPhase(Phase phase) {
        free = phase instanceof Phase.Standby;
        decide();
    }

    private void decide() {
        follower.follow(free
                ? view.leader().filter(leader -> !leader.getCoordinatorId().equals(ownId))
                : Optional.empty());
    }

    /** From any thread. */
    ImmutableList<ClusterStatus.Coordinator> coordinators() {
        CoordinatorMembership.View now = view;
        Optional<String> leader = now.leader().map(CoordinatorRecord::getCoordinatorId);
        return now.coordinators().stream()
                .map(other -> new ClusterStatus.Coordinator(other.getCoordinatorId(), other.getHttpAddress(),
                        leader.filter(other.getCoordinatorId()::equals).isPresent()))
                .collect(toImmutableList());
    }
}

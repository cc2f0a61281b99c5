package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.Optional;
import org.barnraiser.coordinator.follow.Follower;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.proto.CoordinatorRecord;

import static com.google.common.collect.ImmutableList.toImmutableList;

/**
 * Whom this coordinator follows: the one that leads, while it drives no pipeline itself and makes none. Whoever stops leading goes on with
 * the pipeline it has until that one is taken from it. Changed on the event loop only.
 */
final class Allegiance {
    /** How long another coordinator is asked whether it leads, before the next one is. */
    private static final Duration GUESS = Duration.ofSeconds(3);

    private final String ownId;
    private final Follower follower;
    private final EventLoop loop;
    private boolean free;
    private int guess;
    private volatile CoordinatorMembership.View view = CoordinatorMembership.View.EMPTY;

    Allegiance(String ownId, Follower follower, EventLoop loop) {
        this.ownId = ownId;
        this.follower = follower;
        this.loop = loop;
    }

    /** Begins to ask others when nobody is known to lead. */
    void start() {
        loop.schedule(GUESS, () -> {
            if (!(follower.known().readiness() instanceof Readiness.Ready)) {
                guess++;
                decide();
            }
            start();
        });
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
        follower.follow(free ? view.leader().filter(this::isOther).or(this::guessed) : Optional.empty());
    }

    /** From here ZooKeeper may be out of reach, and the view be old; but whoever leads says so when it is asked. */
    private Optional<CoordinatorRecord> guessed() {
        ImmutableList<CoordinatorRecord> others = view.coordinators().stream().filter(this::isOther)
                .collect(toImmutableList());
        return others.isEmpty() ? Optional.empty() : Optional.of(others.get(Math.floorMod(guess, others.size())));
    }

    private boolean isOther(CoordinatorRecord coordinator) {
        return !coordinator.getCoordinatorId().equals(ownId);
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

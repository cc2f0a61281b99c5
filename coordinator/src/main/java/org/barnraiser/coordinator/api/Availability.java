package org.barnraiser.coordinator.api;

import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.Readiness;

/**
 * Whether a request would be answered now. Whatever tells of it asks here or at the model's desk, so that all tell the same. With several
 * models one that answers is enough: a server that is passed over for one that does not would keep readers from the others.
 */
final class Availability {
    private final List<ModelDesk> desks;

    Availability(List<ModelDesk> desks) {
        this.desks = desks;
    }

    /** Never blocks. */
    Readiness now() {
        return desks.stream().map(ModelDesk::readiness).filter(Availability::isReady).findFirst()
                .orElseGet(() -> desks.getFirst().readiness());
    }

    /** The cluster's status, with the readiness of now, and those who wait here. */
    ClusterStatus of(ClusterStatus status) {
        int waiting = desks.stream().mapToInt(desk -> desk.turns().waiting()).sum();
        return new ClusterStatus(now(status.model()), status.plan(), status.workers(), status.coordinators(),
                status.activity().withWaiting(waiting), status.troubles(), status.weights(),
                status.models().stream().map(this::now).toList(), status.trust());
    }

    private ClusterStatus.Hosted now(ClusterStatus.Hosted hosted) {
        int waiting = desk(hosted.digest()).map(desk -> desk.turns().waiting()).orElse(0);
        return hosted.with(now(hosted.model()), hosted.activity().withWaiting(waiting));
    }

    private ClusterStatus.Model now(ClusterStatus.Model shown) {
        Readiness now = desk(shown.digest()).orElse(desks.getFirst()).readiness();
        return new ClusterStatus.Model(shown.name(), shown.digest(), isReady(now), reason(now));
    }

    private Optional<ModelDesk> desk(String digest) {
        return desks.stream().filter(desk -> desk.model().description().digest().equals(digest)).findFirst();
    }

    static boolean isReady(Readiness readiness) {
        return readiness instanceof Readiness.Ready;
    }

    /** One sentence; empty when it is ready. */
    static String reason(Readiness readiness) {
        return switch (readiness) {
            case Readiness.Ready _ -> "";
            case Readiness.NotReady(String reason, _, _) -> reason;
        };
    }
}

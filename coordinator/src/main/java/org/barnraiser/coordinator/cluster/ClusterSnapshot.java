package org.barnraiser.coordinator.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.barnraiser.proto.CoordinatorRecord;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.WorkerRecord;

/**
 * What ZooKeeper says of a cluster at one moment. Every record has been checked.
 *
 * @param workers all registrations, also several of one worker
 * @param relays {@code host:port} of each place where members meet that cannot be dialled, the best first
 * @param leaderId the coordinator that leads; empty when none does
 * @param unreadable nodes that hold no record, each with the reason, in half a sentence
 * @param roundTrip what one question to ZooKeeper takes
 * @param clockAhead by how much ZooKeeper's clock is ahead of this machine's
 */
public record ClusterSnapshot(List<WorkerRecord> workers, List<CoordinatorRecord> coordinators, List<String> relays,
        String leaderId, List<StoredPlan> plans, List<String> unreadable, Duration roundTrip, Duration clockAhead) {

    /**
     * The newest plan of a model.
     *
     * @param plan empty when what is stored is no plan
     */
    public record StoredPlan(String modelDigest, long epoch, Optional<PlanRecord> plan) {}

    /** By how much a clock that shows {@code there} is ahead, when it was read between the two moments of this one. */
    public static Duration ahead(Instant there, Instant asked, Instant answered) {
        return Duration.between(asked.plus(Duration.between(asked, answered).dividedBy(2)), there);
    }
}

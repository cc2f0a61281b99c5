package org.barnraiser.coordinator.follow;

import com.google.common.net.HostAndPort;
import java.util.Optional;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.proto.LeaderState;
import org.barnraiser.proto.PipelineRecord;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.StageRecord;
import org.barnraiser.trust.reach.Whereabouts;

/**
 * What is known of the hosted model from the coordinator that leads.
 *
 * @param readiness whether it answers, through that coordinator
 * @param tail who has the vocabulary; there while the model is ready
 * @param status of the cluster, as the leader told it last
 */
public record Known(Readiness readiness, Optional<Tail> tail, Optional<ClusterStatus> status) {
    private static final int RETRY_AFTER_SECONDS = 5;
    private static final int MAX_RETRY_AFTER_SECONDS = 3_600;
    private static final int MAX_ADDRESS_LENGTH = 300;

    /** Nobody leads. */
    static final Known NOTHING = new Known(
            notReady("No coordinator leads at the moment; one is being chosen.", false), Optional.empty(),
            Optional.empty());

    /** The last stage of the pipeline that runs. */
    public record Tail(String pipelineId, String address) {}

    /** What a leader says, checked. */
    static Known of(LeaderState state) {
        Optional<ClusterStatus> status = StatusJson.decode(state.getStatusJson());
        if (!state.getReady()) {
            int retryAfter = (int) Math.clamp(Integer.toUnsignedLong(state.getRetryAfterSeconds()), 1L,
                    MAX_RETRY_AFTER_SECONDS);
            return new Known(new Readiness.NotReady(Said.line(state.getReason()), retryAfter, state.getTakingOver()),
                    Optional.empty(), status);
        }
        Optional<Tail> tail = tail(state.getPlan());
        Readiness readiness = tail.isPresent()
                ? new Readiness.Ready()
                : notReady("The coordinator that leads says that the model is ready, and not where.", false);
        return new Known(readiness, tail, status);
    }

    /**
     * The same when the leader cannot be heard any more; the cluster is likely to be as it was.
     *
     * @param servedBefore whether a leader was heard before that was ready, so that the next one is likely to be
     */
    Known silent(String reason, boolean servedBefore) {
        return new Known(notReady(reason, servedBefore), Optional.empty(),
                status.map(last -> new ClusterStatus(
                        new ClusterStatus.Model(last.model().name(), last.model().digest(), false, reason),
                        last.plan(), last.workers(), last.coordinators(), ClusterStatus.Activity.NONE,
                        last.troubles(), last.weights())));
    }

    private static Readiness notReady(String reason, boolean takingOver) {
        return new Readiness.NotReady(reason, RETRY_AFTER_SECONDS, takingOver);
    }

    private static Optional<Tail> tail(PlanRecord plan) {
        if (plan.getPipelinesCount() == 0 || plan.getPipelines(0).getStagesCount() == 0) {
            return Optional.empty();
        }
        PipelineRecord pipeline = plan.getPipelines(0);
        StageRecord tail = pipeline.getStages(pipeline.getStagesCount() - 1);
        return isHostAndPort(tail.getAddress()) || Whereabouts.parse(tail.getAddress()).isPresent()
                ? Optional.of(new Tail(pipeline.getPipelineId(), tail.getAddress()))
                : Optional.empty();
    }

    static boolean isHostAndPort(String address) {
        try {
            HostAndPort parsed = HostAndPort.fromString(address);
            return address.length() <= MAX_ADDRESS_LENGTH && !parsed.getHost().isEmpty() && parsed.getPort() > 0;
        } catch (IllegalArgumentException | IllegalStateException _) {
            return false;
        }
    }
}

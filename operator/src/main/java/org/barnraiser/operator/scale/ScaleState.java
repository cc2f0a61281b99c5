package org.barnraiser.operator.scale;

import java.time.Instant;
import org.barnraiser.operator.kube.Tree;

/**
 * What was decided last, and since when things are as they are; kept in the resource's status, so that another operator goes on with it.
 *
 * @param desired workers altogether; 0 when all sleep
 * @param needed workers that the model was last seen to need
 * @param lastActive when somebody was last there
 * @param lastBusy when a worker was last too few
 * @param lastScaled when {@code desired} last changed
 */
public record ScaleState(int desired, int needed, Instant lastActive, Instant lastBusy, Instant lastScaled) {

    /** @param now for what was never written */
    public static ScaleState read(Tree status, ScaleRules rules, Instant now) {
        int needed = Math.max(1, status.at("neededReplicas").count(1));
        return new ScaleState(status.at("desiredReplicas").count(rules.within(needed)), needed,
                status.at("lastActive").instant().orElse(now), status.at("lastBusy").instant().orElse(now),
                status.at("lastScaled").instant().orElse(Instant.EPOCH));
    }

    public boolean asleep() {
        return desired == 0;
    }
}

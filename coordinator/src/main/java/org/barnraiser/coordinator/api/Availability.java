package org.barnraiser.coordinator.api;

import java.util.function.IntSupplier;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.Readiness;

/**
 * Whether a request would be answered now. Whatever tells of it asks here, so that all tell the same: a server that stops is not
 * ready from that moment on, though the model behind it may be.
 */
final class Availability {
    private static final Readiness STOPPING = new Readiness.NotReady("This server is stopping.", 5);

    private final HostedModel model;
    private final RunningAnswers running;

    private final IntSupplier waiting;

    /** @param waiting answers that wait before the model's own queue */
    Availability(HostedModel model, RunningAnswers running, IntSupplier waiting) {
        this.waiting = waiting;
        this.model = model;
        this.running = running;
    }

    /** Never blocks. */
    Readiness now() {
        return running.isClosing() ? STOPPING : model.readiness();
    }

    /** The model as the cluster's status shows it, with the readiness of now. */
    ClusterStatus of(ClusterStatus status) {
        Readiness now = now();
        ClusterStatus.Model shown = new ClusterStatus.Model(status.model().name(), status.model().digest(),
                isReady(now), reason(now));
        return new ClusterStatus(shown, status.plan(), status.workers(), status.coordinators(),
                withWaiting(status.activity()), status.troubles(), status.weights());
    }

    private ClusterStatus.Activity withWaiting(ClusterStatus.Activity activity) {
        return new ClusterStatus.Activity(activity.running(), activity.waiting() + waiting.getAsInt(),
                activity.paused(), activity.tokensPerSecond(), activity.generatedTokensTotal(),
                activity.takeoversTotal());
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

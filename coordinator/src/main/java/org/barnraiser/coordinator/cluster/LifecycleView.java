package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.barnraiser.coordinator.cluster.Phase.Loading;
import org.barnraiser.coordinator.cluster.Phase.Lost;
import org.barnraiser.coordinator.cluster.Phase.Planning;
import org.barnraiser.coordinator.cluster.Phase.Probing;
import org.barnraiser.coordinator.cluster.Phase.Ready;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.proto.WorkerRecord;

/**
 * What others see of a model's life: the phase, the registered workers, and those that are passed over for a while.
 *
 * @param avoided reasons by incarnation
 * @param servedBefore whether the model was ready once
 */
record LifecycleView(Phase phase, ImmutableList<WorkerRecord> workers, ImmutableMap<String, String> avoided,
        boolean servedBefore) {

    LifecycleView with(Phase next) {
        return new LifecycleView(next, workers, avoided, servedBefore || next instanceof Ready);
    }

    LifecycleView withWorkers(ImmutableList<WorkerRecord> registered) {
        return new LifecycleView(phase, registered, avoided, servedBefore);
    }

    LifecycleView withAvoided(ImmutableMap<String, String> reasons) {
        return new LifecycleView(phase, workers, reasons, servedBefore);
    }

    /** As the phase says, but who served before and is at it again is taking over. */
    Readiness readiness() {
        return switch (phase) {
            case Planning _,Loading _,Probing _,Lost _ when servedBefore
                    && phase.readiness() instanceof Readiness.NotReady(String reason, int seconds, _) ->
                new Readiness.NotReady(reason, seconds, true);
            default -> phase.readiness();
        };
    }

    boolean isRegistered(WorkerRecord worker) {
        return workers.stream().anyMatch(other -> other.getWorkerId().equals(worker.getWorkerId())
                && other.getIncarnationId().equals(worker.getIncarnationId()));
    }
}

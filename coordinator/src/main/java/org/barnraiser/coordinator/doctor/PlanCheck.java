package org.barnraiser.coordinator.doctor;

import java.util.Set;
import java.util.TreeSet;
import org.barnraiser.coordinator.cluster.ClusterSnapshot;
import org.barnraiser.coordinator.cluster.ClusterSnapshot.StoredPlan;
import org.barnraiser.proto.PipelineRecord;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.StageRecord;

import static java.util.stream.Collectors.toSet;

/** Whether the plan of a hosted model names workers that are there. */
final class PlanCheck {
    private static final String SUBJECT = "plan";

    private final String modelDigest;
    private final ClusterSnapshot snapshot;

    PlanCheck(String modelDigest, ClusterSnapshot snapshot) {
        this.modelDigest = modelDigest;
        this.snapshot = snapshot;
    }

    Finding finding() {
        return snapshot.plans().stream().filter(plan -> plan.modelDigest().equals(modelDigest)).findFirst()
                .map(this::stored)
                .orElseGet(() -> Finding.warning(SUBJECT, "There was never a plan for this model here.",
                        "Wait until enough workers are there; the model's reason says what is missing."));
    }

    private Finding stored(StoredPlan stored) {
        return stored.plan().map(plan -> compare(plan, stored.epoch()))
                .orElseGet(() -> Finding.warning(SUBJECT, "What is stored for this model is no plan.",
                        "Restart the coordinator that leads: it writes a new one."));
    }

    private Finding compare(PlanRecord plan, long epoch) {
        Set<String> registered = snapshot.workers().stream()
                .map(worker -> worker.getWorkerId() + "-" + worker.getIncarnationId()).collect(toSet());
        Set<String> missing = new TreeSet<>();
        int stages = 0;
        for (PipelineRecord pipeline : plan.getPipelinesList()) {
            for (StageRecord stage : pipeline.getStagesList()) {
                stages++;
                if (!registered.contains(stage.getWorkerId() + "-" + stage.getIncarnationId())) {
                    missing.add(stage.getWorkerId());
                }
            }
        }
        String found = "The newest plan of " + plan.getModelName() + ", epoch " + epoch + ", has " + stages
                + (stages == 1 ? " stage" : " stages");
        return missing.isEmpty()
                ? Finding.ok(SUBJECT, found + ", each on a worker that is there.")
                : Finding.warning(SUBJECT, found + ", but these workers have left or were restarted: "
                        + String.join(", ", missing) + ".",
                        "Wait some seconds for a new plan; if none comes, the model's reason says what is missing.");
    }
}

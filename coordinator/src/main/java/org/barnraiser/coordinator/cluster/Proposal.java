package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Optional;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.StageRecord;
import org.barnraiser.proto.StandbyRecord;
import org.barnraiser.proto.WorkerRecord;

/**
 * A plan before it is written down.
 *
 * @param plan without an epoch
 * @param after epoch of the plan that it is to follow
 * @param previous the plan that it is to follow
 * @param workers those that it speaks of, by incarnation
 */
record Proposal(PlanRecord plan, long after, Optional<PlanRecord> previous,
        ImmutableMap<String, WorkerRecord> workers) {

    List<StageRecord> stages() {
        return plan.getPipelines(0).getStagesList();
    }

    /** The workers that stand by. */
    ImmutableList<WorkerRecord> standbys() {
        return plan.getStandbysList().stream().map(standby -> worker(standby.getIncarnationId()))
                .collect(ImmutableList.toImmutableList());
    }

    WorkerRecord worker(String incarnationId) {
        WorkerRecord worker = workers.get(incarnationId);
        if (worker == null) {
            throw new IllegalStateException("the plan uses a worker that it was not given: " + incarnationId);
        }
        return worker;
    }

    /** The same, but for one stage that goes to a stand-by. */
    Proposal exchanging(int stage, String incarnationId) {
        WorkerRecord worker = worker(incarnationId);
        PlanRecord.Builder changed = plan.toBuilder();
        changed.getPipelinesBuilder(0).getStagesBuilder(stage)
                .setWorkerId(worker.getWorkerId())
                .setIncarnationId(incarnationId)
                .setAddress(worker.getAddress());
        changed.clearStandbys();
        plan.getStandbysList().stream().filter(standby -> !standby.getIncarnationId().equals(incarnationId))
                .forEach(changed::addStandbys);
        StageRecord free = stages().get(stage);
        changed.addStandbys(StandbyRecord.newBuilder()
                .setWorkerId(free.getWorkerId())
                .setIncarnationId(free.getIncarnationId())
                .setAddress(free.getAddress()));
        return new Proposal(changed.build(), after, previous, workers);
    }

    /** Whether it asks every machine for exactly what it runs in another plan. */
    boolean isSameAs(PlanRecord other) {
        List<StageRecord> others = other.getPipelines(0).getStagesList();
        if (others.size() != stages().size()) {
            return false;
        }
        for (int i = 0; i < others.size(); i++) {
            if (!others.get(i).getIncarnationId().equals(stages().get(i).getIncarnationId())
                    || !others.get(i).getLayers().equals(stages().get(i).getLayers())) {
                return false;
            }
        }
        return true;
    }
}

package org.barnraiser.worker.node;

import java.util.Optional;
import org.barnraiser.proto.HiddenStates.Encoding;
import org.barnraiser.proto.StageGrpc;
import org.barnraiser.proto.WeightsGrpc;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Role;
import org.barnraiser.worker.stage.StagePlace;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Whose calls a worker takes. */
class PredecessorTest {
    private static final Identity COORDINATOR = new Identity(Role.COORDINATOR, "hall");
    private static final Identity ATTIC = new Identity(Role.WORKER, "attic");
    private static final Identity CELLAR = new Identity(Role.WORKER, "cellar");

    private static Binding stage(int index, String previous) {
        return new Binding("p", 1, new StagePlace(index, Encoding.F32), "next:1", false, previous, false);
    }

    @Test
    void a_head_takes_steps_from_coordinators_alone() {
        assertThat(stage(0, "").takesStepsFrom(COORDINATOR)).isTrue();
        assertThat(stage(0, "").takesStepsFrom(ATTIC)).isFalse();
        assertThat(stage(0, "attic").takesStepsFrom(ATTIC)).isFalse();
    }

    @Test
    void a_later_stage_takes_steps_from_the_worker_before_it_in_the_plan_alone() {
        assertThat(stage(1, "attic").takesStepsFrom(ATTIC)).isTrue();
        assertThat(stage(1, "attic").takesStepsFrom(CELLAR)).isFalse();
        assertThat(stage(1, "attic").takesStepsFrom(COORDINATOR)).isFalse();
        assertThat(stage(1, "attic").takesStepsFrom(new Identity(Role.COORDINATOR, "attic"))).isFalse();
        assertThat(stage(1, "").takesStepsFrom(ATTIC)).isFalse();
    }

    @Test
    void a_coordinator_may_call_everything_and_a_worker_what_neighbours_need() {
        var admission = new WorkerAdmission("attic");
        var load = WorkerControlGrpc.getLoadShardMethod();
        assertThat(admission.admits(Optional.of(COORDINATOR), load)).isTrue();
        assertThat(admission.admits(Optional.of(CELLAR), load)).isFalse();
        assertThat(admission.admits(Optional.of(ATTIC), load)).as("itself").isFalse();
        assertThat(admission.admits(Optional.empty(), load)).isFalse();
        assertThat(admission.admits(Optional.of(CELLAR), WeightsGrpc.getReadMethod())).isTrue();
        assertThat(admission.admits(Optional.of(CELLAR), StageGrpc.getStepsMethod())).isTrue();
        assertThat(admission.admits(Optional.of(CELLAR), StageGrpc.getResultsMethod())).isFalse();
        assertThat(admission.admits(Optional.of(CELLAR), WorkerControlGrpc.getLendMethod())).isFalse();
        assertThat(admission.admits(Optional.of(ATTIC), WorkerControlGrpc.getLendMethod())).isTrue();
    }
}

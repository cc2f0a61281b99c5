package org.barnraiser.operator.reconcile;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.operator.reconcile.Observation.Pod;
import org.barnraiser.operator.reconcile.Observation.WorkerSet;
import org.barnraiser.operator.watch.ClusterReport;
import org.barnraiser.operator.watch.ClusterReport.Stage;
import org.barnraiser.operator.watch.ClusterReport.Worker;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RollingTest {
    private static Pod pod(String name, String revision, boolean ready) {
        return new Pod(name, "uid-" + name, "p", revision, "", "10.0.0.1", true, ready, false);
    }

    /** Worker "stage" runs the model, which takes 10 bytes; "other" has so much room. */
    private static Observation seen(int running, long roomOfOther, Pod... pods) {
        ClusterReport report = new ClusterReport("m", "sha256:0", true, "", 1, 1, List.of(new Stage("stage", 10, 0.5)),
                List.of(new Worker("stage", "stage", "", 20), new Worker("other", "stand-by", "", roomOfOther)),
                running, 0, 5, Set.of());
        return new Observation(List.of(pods), List.of(),
                Map.of("p", new WorkerSet("s", "p", pods.length, "new", true)), Optional.of(report));
    }

    private static final Pod OLD_STAGE = pod("stage", "old", true);

    @Test
    void what_runs_nothing_is_replaced_before_what_runs_a_stage() {
        assertThat(Rolling.next(seen(3, 50, OLD_STAGE, pod("other", "old", true)), false, false))
                .isInstanceOfSatisfying(Rolling.Step.Replace.class,
                        step -> assertThat(step.pod().name()).isEqualTo("other"));
    }

    @Test
    void a_stage_that_another_worker_has_room_for_is_replaced_while_readers_are_answered() {
        assertThat(Rolling.next(seen(3, 50, OLD_STAGE, pod("other", "new", true)), false, false))
                .isInstanceOf(Rolling.Step.Replace.class);
    }

    @Test
    void a_stage_without_a_spare_gets_one_if_the_pools_allow_it_and_else_waits_until_nobody_is_answered() {
        Observation tight = seen(3, 1, OLD_STAGE, pod("other", "new", true));
        assertThat(Rolling.next(tight, true, false)).isInstanceOf(Rolling.Step.Surge.class);
        assertThat(Rolling.next(tight, false, false)).isInstanceOfSatisfying(Rolling.Step.Held.class,
                held -> assertThat(held.why()).contains("stage", "3 answers"));
        assertThat(Rolling.next(tight, false, true)).isInstanceOf(Rolling.Step.Replace.class);
        assertThat(Rolling.next(seen(0, 1, OLD_STAGE, pod("other", "new", true)), true, false))
                .isInstanceOf(Rolling.Step.Replace.class);
    }

    @Test
    void nothing_is_replaced_while_another_worker_is_on_its_way_and_what_is_broken_is_replaced_at_once() {
        assertThat(Rolling.next(seen(3, 50, OLD_STAGE, pod("other", "new", false)), true, true))
                .isInstanceOf(Rolling.Step.Wait.class);
        assertThat(Rolling.next(seen(3, 50, pod("stage", "new", true), pod("other", "old", false)), false, false))
                .isInstanceOf(Rolling.Step.Replace.class);
        assertThat(Rolling.next(seen(3, 50, pod("stage", "new", true)), false, false))
                .isInstanceOf(Rolling.Step.Done.class);
    }
}

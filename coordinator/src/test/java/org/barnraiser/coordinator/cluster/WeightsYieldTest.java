package org.barnraiser.coordinator.cluster;

import java.time.Duration;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.barnraiser.coordinator.cluster.TestCluster.awaitOn;
import static org.barnraiser.trust.manners.Courtesy.FIRST_BYTES;
import static org.barnraiser.trust.manners.Courtesy.MOST_BYTES;

/** The coordinator's weights hear of the steps that it sends, and of how far its workers are. */
class WeightsYieldTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PLENTY = 1 << 30;
    private static final int TOKENS = 5;

    @AutoClose
    private final TestCluster cluster = TestCluster.start();

    @Test
    void each_step_to_machines_elsewhere_makes_room_for_a_part_of_the_weights() throws Exception {
        ClusterModel model = cluster.coordinator(2);
        cluster.worker("a").register();
        cluster.worker("b").elsewhere().register();
        awaitOn(model, "a", "b");
        assertThat(cluster.courtesy.take(PLENTY)).as("after the token that tried the pipeline")
                .isBetween(1, MOST_BYTES);
        assertThat(cluster.courtesy.take(PLENTY)).isZero();
        answer(model);
        assertThat(cluster.courtesy.take(PLENTY)).isBetween(1, MOST_BYTES);
    }

    @Test
    void steps_to_machines_that_are_all_here_keep_no_weights_waiting() throws Exception {
        ClusterModel model = cluster.coordinator(2);
        cluster.worker("a").register();
        cluster.worker("b").register();
        awaitOn(model, "a", "b");
        answer(model);
        assertThat(cluster.courtesy.take(PLENTY)).isEqualTo(PLENTY);
    }

    @Test
    void weights_go_in_smaller_parts_when_a_worker_answers_late() throws Exception {
        ClusterModel model = cluster.coordinator(1, 1, TestCluster.timings()).model();
        ScriptedWorker far = cluster.worker("a");
        try (Way way = far.farAway()) {
            far.elsewhere().register();
            awaitOn(model, "a");
            await().atMost(PATIENCE).until(() -> far.control().probes() >= 2);
            way.far(Duration.ofMillis(150));
            await().atMost(PATIENCE).until(() -> afterAStep() < FIRST_BYTES);
        }
    }

    private int afterAStep() {
        cluster.courtesy.onStep();
        return cluster.courtesy.take(PLENTY);
    }

    private static void answer(ClusterModel model) throws Exception {
        assertThat(TestCluster.Answer.of(model, TOKENS).end()).isInstanceOf(GenerationEnd.Length.class);
    }
}

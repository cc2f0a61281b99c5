package org.barnraiser.coordinator.cluster;

import java.time.Duration;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.proto.LoadShardRequest;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.barnraiser.coordinator.cluster.TestCluster.awaitOn;

/** Machines at the end of a long line are slow to answer, and not gone for that. */
class FarMachinesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int TOKENS = 5;

    @AutoClose
    private final TestCluster cluster = TestCluster.start();

    @Test
    void a_far_worker_whose_line_is_filled_for_a_while_is_not_called_lost_and_its_answers_go_on() throws Exception {
        ClusterModel model = cluster.coordinator(2, 2, TestCluster.timings().withSilence(Duration.ofSeconds(2)))
                .model();
        ScriptedWorker near = cluster.worker("a").register();
        ScriptedWorker far = cluster.worker("b");
        try (Way way = far.farAway()) {
            way.far(Duration.ofMillis(300));
            far.register();
            awaitOn(model, "a", "b");
            // It is asked again when it has answered, and what it was asked twice counts.
            await().atMost(PATIENCE).until(() -> far.control().probes() >= 3);
            TestCluster.Answer answer = TestCluster.Answer.of(model, TOKENS);
            await().atMost(PATIENCE).until(() -> !answer.tokens().isEmpty());
            way.holdUp(Duration.ofSeconds(3));
            assertThat(answer.end()).isInstanceOf(GenerationEnd.Length.class);
            assertThat(answer.tokens()).hasSize(TOKENS);
            // Who is called lost gets a new plan, or takes a load of it.
            assertThat(near.control().loads()).hasSize(1);
            assertThat(far.control().loads()).hasSize(1);
        }
    }

    @Test
    void a_first_plan_waits_for_a_worker_that_takes_its_time_to_answer_for_the_first_time() throws Exception {
        ClusterModel model = cluster.coordinator(2, 2, TestCluster.timings().withRollCall(Duration.ofSeconds(1)))
                .model();
        ScriptedWorker near = cluster.worker("a").register();
        ScriptedWorker far = cluster.worker("b");
        try (Way way = far.farAway()) {
            way.holdUp(Duration.ofMillis(1_800));
            far.register();
            awaitOn(model, "a", "b");
            assertThat(near.control().loads()).extracting(LoadShardRequest::getEpoch).as("plans").hasSize(1);
        }
    }
}

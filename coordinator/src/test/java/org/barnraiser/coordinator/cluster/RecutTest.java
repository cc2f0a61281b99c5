package org.barnraiser.coordinator.cluster;

import java.time.Duration;
import java.util.List;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.barnraiser.coordinator.cluster.TestCluster.awaitOn;

/** Layers are divided anew by what the stages take as they run. */
class RecutTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int TOKENS = 400;
    private static final int DRIP = 10;
    private static final Duration BETWEEN_DRIPS = Duration.ofMillis(50);

    @AutoClose
    private final TestCluster cluster = TestCluster.start();

    @Test
    void a_stage_that_is_slow_gives_layers_away_while_an_answer_runs_which_loses_no_token() throws Exception {
        ClusterModel model = cluster
                .coordinator(2, 2, TestCluster.timings().withAvoidance(Duration.ofMillis(1_200))).model();
        ScriptedWorker a = worker("a").computingLayersIn(1_000);
        ScriptedWorker b = worker("b").computingLayersIn(20_000);
        awaitOn(model, "a", "b");
        assertThat(cutOf(model)).isEqualTo(2);
        a.stage().rememberAndPause(0);
        b.stage().rememberAndPause(0);
        var answer = new TestCluster.Answer[]{TestCluster.Answer.of(model, TOKENS)};
        await("the model is cut anew").atMost(PATIENCE).pollInterval(BETWEEN_DRIPS).until(() -> {
            b.stage().allowResults(DRIP);
            if (answer[0].tokens().size() == TOKENS) {
                assertUndisturbed(answer[0]);
                answer[0] = TestCluster.Answer.of(model, TOKENS);
            }
            return cutOf(model) == 3;
        });
        b.stage().allowResults();
        assertUndisturbed(answer[0]);
        awaitOn(model, "a", "b");
        assertThat(cutOf(model)).as("it stays").isEqualTo(3);
    }

    @Test
    void stages_that_are_about_equally_fast_keep_their_layers() throws Exception {
        ClusterModel model = cluster
                .coordinator(2, 2, TestCluster.timings().withAvoidance(Duration.ofMillis(600))).model();
        worker("a").computingLayersIn(9_000);
        ScriptedWorker b = worker("b").computingLayersIn(10_000);
        awaitOn(model, "a", "b");
        long epoch = model.clusterStatus().plan().epoch();
        b.stage().rememberAndPause(0);
        TestCluster.Answer answer = TestCluster.Answer.of(model, TOKENS);
        await("the answer goes on").atMost(PATIENCE).pollInterval(BETWEEN_DRIPS).until(() -> {
            b.stage().allowResults(DRIP);
            return answer.tokens().size() >= TOKENS;
        });
        b.stage().allowResults();
        answer.end();
        assertThat(model.clusterStatus().plan().epoch()).isEqualTo(epoch);
        assertThat(cutOf(model)).isEqualTo(2);
    }

    private static void assertUndisturbed(TestCluster.Answer answer) {
        assertThat(answer.end()).isEqualTo(new GenerationEnd.Length());
        assertThat(answer.tokens()).containsExactlyElementsOf(ScriptedStage.answer(List.of(7, 8, 9), TOKENS));
    }

    private ScriptedWorker worker(String id) throws Exception {
        return cluster.worker(id).register();
    }

    /** Where the model is cut; 0 while no plan runs. */
    private static int cutOf(ClusterModel model) {
        return model.clusterStatus().plan().pipelines().stream().flatMap(pipeline -> pipeline.stages().stream())
                .findFirst().map(ClusterStatus.Stage::last).orElse(0);
    }
}

package org.barnraiser.coordinator.cluster;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.UnloadRequest;
import org.barnraiser.proto.Wish;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Several pipelines of one model, each with machines of its own. */
class ReplicasTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Enough for half of the model and not for all of it. */
    private static final long HALF = 3 * PlainShardSource.LAYER_BYTES;

    private final TestCluster cluster = TestCluster.start();

    @AfterEach
    void stop() {
        cluster.close();
    }

    private ScriptedWorker worker(String id) throws Exception {
        return cluster.worker(id).register();
    }

    private ScriptedWorker half(String id) throws Exception {
        return cluster.worker(id, HALF, EngineAbi.ENGINE_ABI_V0_5).register();
    }

    /** The workers of each pipeline, in the order of their numbers. */
    private static void awaitPipelines(ClusterModel model, List<?>... pipelines) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(model.clusterStatus().plan().pipelines()).extracting(pipeline -> pipeline.stages().stream()
                    .map(ClusterStatus.Stage::worker).toList()).isEqualTo(List.of(pipelines));
            assertThat(model.pipelines()).as("that answer").isEqualTo(pipelines.length);
        });
    }

    private static ClusterStatus.Worker status(ClusterModel model, String worker) {
        return model.clusterStatus().workers().stream().filter(other -> other.worker().equals(worker)).findFirst()
                .orElseThrow();
    }

    @Test
    void each_pipeline_has_machines_of_its_own_and_what_is_left_stands_by() throws Exception {
        ClusterModel model = cluster.replicas(2, 2, 5).model();
        for (String id : List.of("a", "b", "c", "d", "e")) {
            worker(id);
        }
        awaitPipelines(model, List.of("a", "b"), List.of("c", "d"));
        assertThat(model.clusterStatus().plan().pipelines()).extracting(ClusterStatus.Pipeline::number)
                .containsExactly(1, 2);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(model, "e").note())
                .startsWith("Ready to take over"));
        assertThat(Stream.of("a", "d", "e").map(id -> status(model, id).state())).containsExactly("stage", "stage",
                "stand-by");
    }

    @Test
    void answers_go_to_all_pipelines_and_one_that_is_lost_stops_nobody() throws Exception {
        ClusterModel model = cluster.replicas(2, 1, 2).model();
        ScriptedWorker a = worker("a");
        ScriptedWorker b = worker("b");
        awaitPipelines(model, List.of("a"), List.of("b"));
        List<TestCluster.Answer> answers = IntStream.range(0, 4).mapToObj(_ -> answer(model)).toList();
        answers.forEach(answer -> assertThat(answer.end()).isInstanceOf(GenerationEnd.Length.class));
        assertThat(a.stage().stepsHeard()).isGreaterThan(1);
        assertThat(b.stage().stepsHeard()).as("more than the token that tried it").isGreaterThan(1);
        a.kill();
        awaitPipelines(model, List.of("b"));
        assertThat(model.readiness()).isInstanceOf(Readiness.Ready.class);
        assertThat(answer(model).end()).isInstanceOf(GenerationEnd.Length.class);
        worker("c");
        awaitPipelines(model, List.of("c"), List.of("b"));
    }

    private static TestCluster.Answer answer(ClusterModel model) {
        try {
            return TestCluster.Answer.of(model, 5);
        } catch (Exception e) {
            throw new AssertionError("the model takes no question", e);
        }
    }

    @Test
    void a_pipeline_is_made_when_machines_for_it_come() throws Exception {
        ClusterModel model = cluster.replicas(3, 0, 1).model();
        worker("a");
        awaitPipelines(model, List.of("a"));
        half("b");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(model, "b").note())
                .as("too small for a pipeline, it stands by").isNotEmpty());
        half("c");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(model.pipelines()).isEqualTo(2));
        worker("d");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(model.pipelines()).isEqualTo(3));
        assertThat(model.clusterStatus().plan().pipelines().stream().flatMap(pipeline -> pipeline.stages().stream())
                .map(ClusterStatus.Stage::worker)).as("no machine twice").containsExactlyInAnyOrder("a", "b", "c", "d");
    }

    @Test
    void what_is_left_of_two_lost_pipelines_makes_one() throws Exception {
        ClusterModel model = cluster.replicas(2, 0, 4).model();
        List<ScriptedWorker> all = List.of(half("a"), half("b"), half("c"), half("d"));
        awaitPipelines(model, List.of("a", "b"), List.of("c", "d"));
        all.get(0).kill();
        all.get(2).kill();
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(model.pipelines()).isEqualTo(1);
            assertThat(TestCluster.workersOf(model)).containsExactlyInAnyOrder("b", "d");
            assertThat(model.readiness()).isInstanceOf(Readiness.Ready.class);
        });
    }

    @Test
    void a_pipeline_that_went_on_with_fewer_machines_gets_the_next_one_that_comes() throws Exception {
        ClusterModel model = cluster.replicas(2, 2, 4).model();
        worker("a");
        worker("b");
        ScriptedWorker c = worker("c");
        worker("d");
        awaitPipelines(model, List.of("a", "b"), List.of("c", "d"));
        c.kill();
        awaitPipelines(model, List.of("a", "b"), List.of("d"));
        worker("e");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(model.clusterStatus().plan().pipelines().getLast()
                .stages()).extracting(ClusterStatus.Stage::worker).containsExactlyInAnyOrder("d", "e"));
    }

    @Test
    void a_machine_that_is_to_leave_may_go_while_other_pipelines_answer() throws Exception {
        ClusterModel model = cluster.replicas(2, 1, 2).model();
        worker("a");
        ScriptedWorker b = worker("b");
        awaitPipelines(model, List.of("a"), List.of("b"));
        b.wish(Wish.WISH_LEAVE);
        awaitPipelines(model, List.of("a"));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(model, "b").state()).isEqualTo("away"));
        assertThat(model.clusterStatus().troubles()).isEmpty();
        b.wish(Wish.WISH_LEND);
        awaitPipelines(model, List.of("a"), List.of("b"));
    }

    @Test
    void the_next_coordinator_keeps_the_pipelines_where_they_are_and_frees_those_that_it_does_not_want()
            throws Exception {
        ClusterMember first = cluster.replicas(2, 1, 2);
        worker("a");
        ScriptedWorker b = worker("b");
        awaitPipelines(first.model(), List.of("a"), List.of("b"));
        String second = b.control().loads().getFirst().getPipelineId();
        first.close();
        ClusterMember next = cluster.replicas(2, 1, 2);
        awaitPipelines(next.model(), List.of("a"), List.of("b"));
        assertThat(b.control().loads()).extracting(load -> load.getPipelineId()).containsOnly(second);
        next.close();
        ClusterMember last = cluster.replicas(1, 1, 2);
        awaitPipelines(last.model(), List.of("a"));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(b.control().unloads())
                .extracting(UnloadRequest::getPipelineId).contains(second));
    }
}

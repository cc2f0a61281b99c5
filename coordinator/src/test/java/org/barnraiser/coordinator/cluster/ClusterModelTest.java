package org.barnraiser.coordinator.cluster;

import com.google.common.primitives.ImmutableIntArray;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.KillSession;
import org.barnraiser.coordinator.cluster.TestCluster.Answer;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.TextPart;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.LoadProgress;
import org.barnraiser.proto.LoadShardRequest;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.barnraiser.coordinator.cluster.TestCluster.awaitReady;
import static org.barnraiser.coordinator.cluster.TestCluster.awaitReason;

class ClusterModelTest {
    @AutoClose
    private final TestCluster cluster = TestCluster.start();

    @Test
    void a_model_is_split_over_both_workers_and_answers() throws Exception {
        ScriptedWorker w1 = cluster.worker("w1").register();
        ScriptedWorker w2 = cluster.worker("w2").register();
        ClusterModel model = cluster.coordinator(2);
        awaitReady(model);

        ClusterStatus status = model.clusterStatus();
        assertThat(status.model()).isEqualTo(new ClusterStatus.Model("plain", PlainShardSource.DIGEST, true, ""));
        assertThat(status.plan()).isEqualTo(new ClusterStatus.Plan(1, List.of(new ClusterStatus.Pipeline(1, 1, List.of(
                new ClusterStatus.Stage("w1", 0, 2, 1, w1.record().getAddress(), 2 * PlainShardSource.LAYER_BYTES, 0,
                        0),
                new ClusterStatus.Stage("w2", 2, 4, 1, w2.record().getAddress(), 2 * PlainShardSource.LAYER_BYTES, 0,
                        0))))));
        assertThat(status.workers()).extracting(ClusterStatus.Worker::worker).containsExactly("w1", "w2");
        Answer answer = Answer.of(model, 4);
        assertThat(answer.end()).isEqualTo(new GenerationEnd.Length());
        assertThat(answer.tokens()).containsExactly(3, 4, 5, 6);
    }

    @Test
    void every_stage_is_told_its_place() throws Exception {
        ScriptedWorker w1 = cluster.worker("w1").register();
        ScriptedWorker w2 = cluster.worker("w2").register();
        awaitReady(cluster.coordinator(2));
        LoadShardRequest head = w1.control().loads().getFirst();
        LoadShardRequest tail = w2.control().loads().getFirst();
        assertThat(head.getNextStageAddress()).isEqualTo(w2.record().getAddress());
        assertThat(tail.getNextStageAddress()).isEmpty();
        assertThat(head.getShard().getHead()).isTrue();
        assertThat(tail.getShard().getTail()).isTrue();
        assertThat(tail.getStageIndex()).isEqualTo(1);
        assertThat(tail.getStageCount()).isEqualTo(2);
        assertThat(head.getContextTokens()).isEqualTo(512);
        assertThat(head.getCacheTokens()).isEqualTo(4 * 512);
        assertThat(head.getWeightsAddress()).isEqualTo("127.0.0.1:1");
        assertThat(head.getPipelineId()).isEqualTo(tail.getPipelineId());
    }

    @Test
    void text_goes_to_the_tail() throws Exception {
        cluster.worker("w1").register();
        ClusterModel model = cluster.coordinator(1);
        awaitReady(model);
        assertThat(model.tokenize(List.of(new TextPart("ab", true), new TextPart("c", false)), true))
                .isEqualTo(ImmutableIntArray.of(1, 2, 3));
    }

    @Test
    void a_token_that_the_model_does_not_have_is_refused() throws Exception {
        cluster.worker("w1").register();
        ClusterModel model = cluster.coordinator(1);
        awaitReady(model);
        assertThatThrownBy(() -> model.tokenize(List.of(new TextPart("é", false)), true))
                .isInstanceOf(ModelUnavailableException.class);
    }

    @Test
    void the_first_plan_waits_for_the_wanted_number_of_workers() throws Exception {
        cluster.worker("w1").register();
        ClusterModel model = cluster.coordinator(2);
        awaitReason(model, "Waiting for workers: 1 of 2 are here.");
        assertThatThrownBy(() -> Answer.of(model, 1)).isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("1 of 2");
        cluster.worker("w2").register();
        awaitReady(model);
    }

    @Test
    void after_the_grace_the_workers_that_are_here_must_do() throws Exception {
        cluster.worker("w1").register();
        ClusterTimings impatient = TestCluster.timings().withWorkerGrace(Duration.ofMillis(100));
        awaitReady(cluster.coordinator(2, impatient).model());
    }

    @Test
    void how_far_the_slowest_stage_is_can_be_read() throws Exception {
        BlockingQueue<StreamObserver<LoadProgress>> loading = new LinkedBlockingQueue<>();
        ScriptedWorker w1 = cluster.worker("w1").register();
        cluster.worker("w2").register();
        w1.control().onLoad(loading::add);
        ClusterModel model = cluster.coordinator(2);
        awaitReason(model, "The model is being loaded");
        StreamObserver<LoadProgress> progress = loading.take();
        progress.onNext(progress(LoadProgress.Phase.FETCHING, 43));
        awaitReason(model, "fetching layers 0–1 on w1: 43%");
        progress.onNext(progress(LoadProgress.Phase.LOADING, 10));
        awaitReason(model, "loading layers 0–1 on w1: 10%");
        ScriptedControl.LOADS.accept(progress);
        awaitReady(model);
    }

    @Test
    void a_worker_that_refuses_its_part_is_named_and_then_passed_over() throws Exception {
        cluster.worker("w1").register();
        ScriptedWorker w2 = cluster.worker("w2").register();
        w2.control().refuseLoads(Status.RESOURCE_EXHAUSTED.withDescription("only 10 MB of disk are left."));
        ClusterModel model = cluster.coordinator(2, TestCluster.timings().withRetry(Duration.ofSeconds(2))).model();
        awaitReason(model, "Worker w2 refused layers 2–3: only 10 MB of disk are left.");
        awaitReady(model);
        assertThat(TestCluster.workersOf(model)).containsExactly("w1");
    }

    @Test
    void a_worker_that_is_needed_is_asked_again_and_the_others_keep_what_they_have() throws Exception {
        ScriptedWorker w1 = cluster.worker("w1", 3_500_000, EngineAbi.ENGINE_ABI_V0_5).register();
        ScriptedWorker w2 = cluster.worker("w2", 3_500_000, EngineAbi.ENGINE_ABI_V0_5).register();
        w2.control().refuseLoads(Status.RESOURCE_EXHAUSTED.withDescription("only 10 MB of disk are left."));
        ClusterModel model = cluster.coordinator(2);
        await().until(() -> w2.control().loads().size() > 1);
        w2.control().onLoad(ScriptedControl.LOADS);
        awaitReady(model);
        assertThat(w1.control().unloads()).isEmpty();
    }

    @Test
    void a_worker_that_says_nothing_is_given_up() throws Exception {
        ScriptedWorker w1 = cluster.worker("w1").register();
        w1.control().onLoad(_ -> {});
        ClusterTimings impatient = TestCluster.timings().withLoadStall(Duration.ofMillis(200))
                .withRetry(Duration.ofMinutes(1));
        awaitReason(cluster.coordinator(1, impatient).model(), "Worker w1 has said nothing for");
    }

    @Test
    void ready_means_that_a_token_has_crossed_every_stage() throws Exception {
        ScriptedWorker w1 = cluster.worker("w1").register();
        ScriptedWorker w2 = cluster.worker("w2").register();
        w2.stage().swallowSteps();
        ClusterTimings impatient = TestCluster.timings().withProbe(Duration.ofMillis(500))
                .withRetry(Duration.ofMinutes(1));
        awaitReason(cluster.coordinator(2, impatient).model(), "No token came through the pipeline");
        assertThat(w1.control().loads()).isNotEmpty();
    }

    @Test
    void when_a_worker_dies_the_others_take_over_and_its_answers_go_on() throws Exception {
        cluster.worker("w1").register();
        ScriptedWorker w2 = cluster.worker("w2").register();
        ClusterModel model = cluster.coordinator(2);
        awaitReady(model);
        w2.stage().swallowSteps();
        Answer answer = Answer.of(model, 400);
        // Still registered: that it is gone is learnt from the link and the roll call.
        w2.kill();
        assertThat(answer.end()).isEqualTo(new GenerationEnd.Length());
        assertThat(answer.tokens()).containsExactlyElementsOf(IntStream.range(3, 403).boxed().toList());
        await().atMost(Duration.ofMinutes(2)).until(() -> model.clusterStatus().plan().epoch() == 2);
        awaitReady(model);
        assertThat(model.clusterStatus().plan().pipelines().getFirst().stages()).singleElement()
                .extracting(ClusterStatus.Stage::worker).isEqualTo("w1");
        assertThat(Answer.of(model, 3).end()).isEqualTo(new GenerationEnd.Length());
    }

    @Test
    void a_broken_link_makes_a_new_plan_with_a_new_epoch() throws Exception {
        ScriptedWorker w1 = cluster.worker("w1").register();
        cluster.worker("w2").register();
        ClusterModel model = cluster.coordinator(2);
        awaitReady(model);
        w1.stage().breakLinks();
        await().atMost(Duration.ofMinutes(2)).until(() -> model.clusterStatus().plan().epoch() == 2);
        awaitReady(model);
        assertThat(w1.control().loads()).extracting(LoadShardRequest::getEpoch).containsExactly(1L, 2L);
    }

    @Test
    void a_worker_that_is_not_registered_any_more_but_answers_goes_on() throws Exception {
        ScriptedWorker w1 = cluster.worker("w1").register();
        ClusterModel model = cluster.coordinator(1);
        awaitReady(model);
        w1.unregister();
        await().until(() -> model.clusterStatus().workers().isEmpty());
        assertThat(Answer.of(model, 3).end()).isEqualTo(new GenerationEnd.Length());
        assertThat(model.clusterStatus().plan().epoch()).isEqualTo(1);
    }

    @Test
    void a_model_that_does_not_fit_says_what_is_missing_and_a_further_worker_helps() throws Exception {
        cluster.worker("w1", 2_500_000, EngineAbi.ENGINE_ABI_V0_5).register();
        ClusterModel model = cluster.coordinator(1);
        awaitReason(model,
                "Layers 2–3 have no machine: 3 MB more needed");
        cluster.worker("w2", 2_500_000, EngineAbi.ENGINE_ABI_V0_5).register();
        awaitReady(model);
    }

    @Test
    void a_worker_whose_engine_cannot_run_the_model_is_passed_over() throws Exception {
        cluster.worker("w1", TestCluster.PLENTY, EngineAbi.ENGINE_ABI_B4916).register();
        ClusterModel model = cluster.coordinator(1);
        awaitReason(model, "That engine is too old for this model.");
        cluster.worker("w2").register();
        awaitReady(model);
        assertThat(model.clusterStatus().plan().pipelines().getFirst().stages()).extracting(ClusterStatus.Stage::worker)
                .containsExactly("w2");
    }

    @Test
    void a_zookeeper_that_goes_away_stops_no_answer() throws Exception {
        cluster.worker("w1").register();
        ClusterModel model = cluster.coordinator(1);
        awaitReady(model);
        cluster.server().stop();
        await().until(() -> !cluster.zooKeeper().getZookeeperClient().isConnected());
        assertThat(Answer.of(model, 3).end()).isEqualTo(new GenerationEnd.Length());
        cluster.server().restart();
        await().until(() -> cluster.zooKeeper().getZookeeperClient().isConnected());
        assertThat(Answer.of(model, 3).end()).isEqualTo(new GenerationEnd.Length());
    }

    @Test
    void only_the_leader_plans_and_another_takes_over_with_a_higher_epoch() throws Exception {
        ScriptedWorker w1 = cluster.worker("w1").register();
        ClusterMember first = cluster.coordinator(1, TestCluster.timings());
        awaitReady(first.model());
        ClusterModel second = cluster.coordinator(1);
        awaitReason(second, "The coordinator that leads cannot be reached");
        first.close();
        awaitReady(second);
        assertThat(second.clusterStatus().plan().epoch()).isEqualTo(2);
        // A worker that both plans use is not asked to unload.
        assertThat(w1.control().unloads()).isEmpty();
    }

    @Test
    void a_coordinator_that_loses_its_session_goes_on_serving_and_leads_again() throws Exception {
        ScriptedWorker w1 = cluster.worker("w1").register();
        CuratorFramework own = cluster.shortSession();
        ClusterModel model = cluster.coordinator(1, TestCluster.timings(), own).model();
        awaitReady(model);
        KillSession.kill(own.getZookeeperClient().getZooKeeper());
        assertThat(Answer.of(model, 3).end()).isEqualTo(new GenerationEnd.Length());
        w1.stage().breakLinks();
        // The answer to a write may have been lost with the session: then the plan after it counts, and no later one.
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(model.clusterStatus().plan().epoch()).isBetween(2L, 3L));
        awaitReady(model);
    }

    private static LoadProgress progress(LoadProgress.Phase phase, long percent) {
        return LoadProgress.newBuilder().setPhase(phase).setDoneBytes(percent).setTotalBytes(100).build();
    }
}

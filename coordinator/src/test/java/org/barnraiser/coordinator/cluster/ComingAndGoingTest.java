package org.barnraiser.coordinator.cluster;

import java.time.Duration;
import java.util.List;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.LoadShardRequest.Extent;
import org.barnraiser.proto.Wish;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.barnraiser.coordinator.cluster.TestCluster.awaitOn;
import static org.barnraiser.coordinator.cluster.TestCluster.awaitReason;
import static org.barnraiser.coordinator.cluster.TestCluster.workersOf;

/** Machines come and go under a model that runs. */
class ComingAndGoingTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Of which a model of four layers needs two at least. */
    private static final long ROOM_FOR_THREE = 3_400_000;

    @AutoClose
    private final TestCluster cluster = TestCluster.start();

    @ParameterizedTest
    @ValueSource(strings = {"a", "b", "c"})
    void a_stand_by_takes_the_stage_of_a_killed_worker_and_the_others_keep_theirs(String victim) throws Exception {
        ClusterModel model = cluster.coordinator(4, 3, TestCluster.timings()).model();
        List<ScriptedWorker> workers = List.of(worker("a"), worker("b"), worker("c"), worker("d"));
        awaitOn(model, "a", "b", "c");
        List<Integer> layers = layersOf(model);
        find(workers, victim).kill();
        awaitOn(model, List.of("a", "b", "c").stream().map(id -> id.equals(victim) ? "d" : id)
                .toArray(String[]::new));
        assertThat(layersOf(model)).isEqualTo(layers);
        workers.stream().filter(worker -> workersOf(model).contains(worker.record().getWorkerId()))
                .forEach(worker -> assertThat(worker.control().loads())
                        .extracting(load -> load.getShard().getShardId()).containsOnly(
                                worker.control().loads().getFirst().getShard().getShardId()));
    }

    @Test
    void a_stand_by_has_one_stage_in_memory_and_the_others_on_its_disk() throws Exception {
        ClusterModel model = cluster.coordinator(3, 2, TestCluster.timings()).model();
        worker("a");
        worker("b");
        ScriptedWorker c = worker("c");
        awaitOn(model, "a", "b");
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(c.control().aheads()).extracting(LoadShardRequest::getExtent).contains(Extent.PREPARE);
            assertThat(c.control().aheads()).extracting(load -> load.getShard().getShardId())
                    .contains(PlainShardSource.shardId(0, 2), PlainShardSource.shardId(2, 4));
        });
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(model, "c").note())
                .startsWith("Ready to take over layers 0–1"));
        assertThat(status(model, "c").state()).isEqualTo("stand-by");
        assertThat(status(model, "a").state()).isEqualTo("stage");
    }

    @Test
    void a_stand_by_takes_the_lost_stage_that_it_has_in_memory() throws Exception {
        ClusterModel model = cluster.coordinator(4, 2, TestCluster.timings()).model();
        worker("a");
        ScriptedWorker b = worker("b");
        ScriptedWorker c = worker("c");
        ScriptedWorker d = worker("d");
        awaitOn(model, "a", "b");
        await().atMost(PATIENCE).until(() -> c.control().hasPrepared(0, 2) && d.control().hasPrepared(2, 4));
        awaitPreparedKnown(model, "d");
        b.kill();
        awaitOn(model, "a", "d");
    }

    @Test
    void a_worker_that_hangs_is_noticed_by_its_missing_pulse() throws Exception {
        ClusterModel model = cluster
                .coordinator(2, 2, TestCluster.timings().withSilence(Duration.ofSeconds(2))
                        .withRollCall(Duration.ofMillis(500)))
                .model();
        worker("a");
        ScriptedWorker b = worker("b");
        awaitOn(model, "a", "b");
        // Still registered, and no connection breaks.
        b.hang();
        awaitOn(model, "a");
        assertThat(model.clusterStatus().troubles()).anyMatch(trouble -> trouble.contains("no sign of life"));
    }

    @Test
    void an_engine_that_does_not_come_back_from_a_step_is_passed_over() throws Exception {
        ClusterModel model = cluster.coordinator(3, 2, TestCluster.timings()).model();
        worker("a");
        ScriptedWorker b = worker("b");
        worker("c");
        awaitOn(model, "a", "b");
        b.stage().wedge();
        awaitOn(model, "a", "c");
        assertThat(status(model, "b").note()).contains("has been at one step for");
    }

    @Test
    void two_machines_that_do_not_reach_each_other_change_places() throws Exception {
        ClusterModel model = cluster.coordinator(2, 2, TestCluster.timings()).model();
        ScriptedWorker a = worker("a");
        ScriptedWorker b = worker("b");
        awaitOn(model, "a", "b");
        a.control().cutWayTo(b);
        a.stage().breakLinks();
        awaitOn(model, "b", "a");
    }

    @Test
    void steps_that_get_stuck_on_the_way_are_noticed_though_every_worker_beats() throws Exception {
        ClusterModel model = cluster.coordinator(2, 2, TestCluster.timings()).model();
        ScriptedWorker a = worker("a");
        ScriptedWorker b = worker("b");
        awaitOn(model, "a", "b");
        a.control().cutWayTo(b);
        b.control().cutWayTo(a);
        b.stage().swallowSteps();
        TestCluster.Answer.of(model, 5);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(workersOf(model)).hasSize(1));
    }

    @Test
    void when_nothing_fits_the_reason_is_told_and_a_worker_that_comes_ends_it() throws Exception {
        ClusterModel model = cluster.coordinator(2, 2, TestCluster.timings()).model();
        small("a");
        ScriptedWorker b = small("b");
        awaitOn(model, "a", "b");
        b.kill();
        awaitReason(model, "no machine");
        awaitReason(model, "more needed");
        small("c");
        awaitOn(model, "a", "c");
    }

    @Test
    void a_plan_that_had_to_shrink_grows_again_when_a_machine_comes() throws Exception {
        ClusterModel model = cluster.coordinator(2, 2, TestCluster.timings()).model();
        worker("a");
        ScriptedWorker b = worker("b");
        awaitOn(model, "a", "b");
        b.kill();
        b.unregister();
        awaitOn(model, "a");
        ScriptedWorker again = worker("b");
        await().atMost(PATIENCE).until(() -> workersOf(model).size() == 2);
        awaitOn(model, workersOf(model).toArray(String[]::new));
        assertThat(again.control().aheads()).as("prepared before the switch")
                .extracting(LoadShardRequest::getExtent).contains(Extent.PREPARE);
        assertThat(model.clusterStatus().activity().takeoversTotal()).isEqualTo(2);
    }

    @Test
    void a_machine_that_wants_to_leave_goes_when_another_has_its_stage() throws Exception {
        ClusterModel model = cluster.coordinator(3, 2, TestCluster.timings()).model();
        ScriptedWorker a = worker("a");
        worker("b");
        ScriptedWorker c = worker("c");
        awaitOn(model, "a", "b");
        a.wish(Wish.WISH_LEAVE);
        awaitOn(model, "c", "b");
        assertThat(c.control().aheads()).extracting(LoadShardRequest::getExtent).contains(Extent.PREPARE);
        await().atMost(PATIENCE).until(() -> !a.stage().isLoaded());
        assertThat(status(model, "a").state()).isEqualTo("away");
    }

    @Test
    void where_memory_is_short_the_shard_is_fetched_before_the_switch() throws Exception {
        ClusterModel model = cluster.coordinator(2, 2, TestCluster.timings()).model();
        ScriptedWorker a = worker("a");
        ScriptedWorker b = worker("b");
        awaitOn(model, "a", "b");
        b.control().fillMemory();
        a.wish(Wish.WISH_LEAVE);
        awaitOn(model, "b");
        assertThat(b.control().aheads()).extracting(LoadShardRequest::getExtent).containsSubsequence(Extent.PREPARE,
                Extent.FETCH);
    }

    @Test
    void a_machine_without_which_the_model_does_not_fit_stays_when_it_wants_to_leave_and_goes_when_it_is_reclaimed()
            throws Exception {
        ClusterModel model = cluster.coordinator(2, 2, TestCluster.timings()).model();
        small("a");
        ScriptedWorker b = small("b");
        awaitOn(model, "a", "b");
        b.wish(Wish.WISH_LEAVE);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(model.clusterStatus().troubles())
                .anyMatch(
                        trouble -> trouble.startsWith("Worker b is to leave, but the model does not fit without it")));
        assertThat(workersOf(model)).containsExactly("a", "b");
        b.wish(Wish.WISH_RECLAIM);
        awaitReason(model, "no machine");
        b.wish(Wish.WISH_LEND);
        awaitOn(model, "a", "b");
    }

    @Test
    void a_reclaimed_machine_is_left_at_once() throws Exception {
        ClusterModel model = cluster.coordinator(3, 2, TestCluster.timings()).model();
        worker("a");
        ScriptedWorker b = worker("b");
        worker("c");
        awaitOn(model, "a", "b");
        b.wish(Wish.WISH_RECLAIM);
        awaitOn(model, "a", "c");
        await().atMost(PATIENCE).until(() -> !b.stage().isLoaded());
    }

    @Test
    void a_machine_that_is_much_faster_takes_a_stage() throws Exception {
        ClusterModel model = cluster.coordinator(2, 2, TestCluster.timings()).model();
        worker("a").computingLayersIn(10_000);
        worker("b").computingLayersIn(20_000);
        awaitOn(model, "a", "b");
        assertThat(TestCluster.Answer.of(model, 100).end()).isNotNull();
        worker("c").computingLayersIn(1_000);
        awaitOn(model, "a", "c");
    }

    @Test
    void a_machine_that_is_a_little_faster_stands_by() throws Exception {
        ClusterModel model = cluster.coordinator(2, 2, TestCluster.timings()).model();
        worker("a").computingLayersIn(10_000);
        worker("b").computingLayersIn(10_000);
        awaitOn(model, "a", "b");
        assertThat(TestCluster.Answer.of(model, 100).end()).isNotNull();
        worker("c").computingLayersIn(9_000);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(model, "c").note()).startsWith("Ready"));
        assertThat(workersOf(model)).containsExactly("a", "b");
    }

    @Test
    void where_steps_are_short_anyway_no_machine_is_exchanged_for_a_faster_one() throws Exception {
        ClusterModel model = cluster.coordinator(2, 2, TestCluster.timings()).model();
        worker("a").computingLayersIn(500);
        worker("b").computingLayersIn(500);
        awaitOn(model, "a", "b");
        assertThat(TestCluster.Answer.of(model, 100).end()).isNotNull();
        worker("c").computingLayersIn(50);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(model, "c").note()).startsWith("Ready"));
        assertThat(workersOf(model)).containsExactly("a", "b");
    }

    @Test
    void machines_do_not_take_turns() throws Exception {
        ClusterModel model = cluster.coordinator(2, 2, TestCluster.timings()).model();
        worker("a").computingLayersIn(10_000);
        worker("b").computingLayersIn(40_000);
        awaitOn(model, "a", "b");
        assertThat(TestCluster.Answer.of(model, 100).end()).isNotNull();
        worker("c").computingLayersIn(20_000);
        awaitOn(model, "a", "c");
        assertThat(TestCluster.Answer.of(model, 100).end()).isNotNull();
        worker("d").computingLayersIn(1_000);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(model, "d").note()).startsWith("Ready"));
        assertThat(workersOf(model)).containsExactly("a", "c");
    }

    @Test
    void a_new_leader_adopts_the_stages_that_are_loaded() throws Exception {
        ClusterMember first = cluster.coordinator(2, 2, TestCluster.timings());
        ScriptedWorker a = worker("a");
        ScriptedWorker b = worker("b");
        awaitOn(first.model(), "a", "b");
        worker("0");
        ClusterModel second = cluster.coordinator(2, 2, TestCluster.timings()).model();
        first.close();
        awaitOn(second, "a", "b");
        for (ScriptedWorker worker : List.of(a, b)) {
            assertThat(worker.control().unloads()).isEmpty();
            assertThat(worker.control().loads()).extracting(load -> load.getShard().getShardId())
                    .containsOnly(worker.control().loads().getFirst().getShard().getShardId());
        }
    }

    @Test
    void a_plan_of_another_coordinator_stops_this_one_and_then_one_of_them_leads() throws Exception {
        ClusterModel model = cluster.coordinator(1, 1, TestCluster.timings()).model();
        ScriptedWorker a = worker("a");
        awaitOn(model, "a");
        PlanStore store = new PlanStore(cluster.zooKeeper());
        PlanStore.Stored ours = store.read(PlainShardSource.DIGEST);
        store.write(PlainShardSource.DIGEST, ours.plan().orElseThrow(), ours.epoch());
        a.stage().breakLinks();
        awaitReason(model, "Another coordinator has made a newer plan.");
        awaitOn(model, "a");
        assertThat(model.clusterStatus().plan().epoch()).isEqualTo(ours.epoch() + 2);
    }

    private ScriptedWorker worker(String id) throws Exception {
        return cluster.worker(id).register();
    }

    private ScriptedWorker small(String id) throws Exception {
        return cluster.worker(id, ROOM_FOR_THREE, EngineAbi.ENGINE_ABI_V0_5).register();
    }

    private static ScriptedWorker find(List<ScriptedWorker> workers, String id) {
        return workers.stream().filter(worker -> worker.record().getWorkerId().equals(id)).findFirst().orElseThrow();
    }

    private static List<Integer> layersOf(ClusterModel model) {
        return model.clusterStatus().plan().pipelines().getFirst().stages().stream().map(ClusterStatus.Stage::last)
                .toList();
    }

    private static ClusterStatus.Worker status(ClusterModel model, String worker) {
        return model.clusterStatus().workers().stream().filter(other -> other.worker().equals(worker)).findFirst()
                .orElseThrow();
    }

    private static void awaitPreparedKnown(ClusterModel model, String worker) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(status(model, worker).note()).startsWith("Ready to take over"));
    }
}

package org.barnraiser.coordinator.cluster;

import com.google.common.primitives.ImmutableIntArray;
import java.time.Duration;
import java.util.List;
import org.apache.curator.test.KillSession;
import org.barnraiser.coordinator.cluster.TestCluster.Answer;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.model.TextPart;
import org.barnraiser.proto.LoadShardRequest;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.barnraiser.coordinator.cluster.TestCluster.awaitReady;

/** Several coordinators of one cluster: one leads, all answer. */
class CoordinatorsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int TOKENS = 80;

    @AutoClose
    private final TestCluster cluster = TestCluster.start();
    private ScriptedWorker head;
    private ScriptedWorker tail;
    private TestCoordinator leader;
    private TestCoordinator follower;

    @BeforeEach
    void start() throws Exception {
        head = cluster.worker("w1").register();
        tail = cluster.worker("w2").register();
        leader = cluster.oneOfSeveral();
        awaitReady(leader.model());
        follower = cluster.oneOfSeveral();
        awaitReady(follower.model());
    }

    @Test
    void all_coordinators_say_the_same() throws Exception {
        await().atMost(PATIENCE).until(() -> leader.model().clusterStatus().coordinators().size() == 2);
        await().atMost(PATIENCE).untilAsserted(
                () -> assertThat(follower.model().clusterStatus()).isEqualTo(leader.model().clusterStatus()));
        assertThat(follower.model().clusterStatus().coordinators()).extracting(ClusterStatus.Coordinator::leads)
                .containsExactly(true, false);
        assertThat(follower.model().clusterStatus().plan().epoch()).isEqualTo(1);
        assertThat(follower.model().tokenize(List.of(new TextPart("ab", true)), true))
                .isEqualTo(ImmutableIntArray.of(1, 2));
        assertThat(head.control().loads()).as("one coordinator plans").hasSize(1);
    }

    @Test
    void an_answer_of_a_follower_outlives_the_leader_and_the_pipeline_is_taken_over_as_it_is() throws Exception {
        Answer answer = answerInTheMiddle(follower);
        leader.vanish();
        tail.stage().allowResults();
        assertUndisturbed(answer);
        assertLeads(follower);
        assertRenewed(head, 2);
        assertRenewed(tail, 2);
        assertThat(Answer.of(follower.model(), 3).end()).isEqualTo(new GenerationEnd.Length());
    }

    @Test
    void a_leader_that_stops_hands_over_at_once() throws Exception {
        Answer answer = answerInTheMiddle(follower);
        leader.close();
        tail.stage().allowResults();
        assertUndisturbed(answer);
        assertLeads(follower);
        assertRenewed(tail, 2);
        assertThat(follower.model().clusterStatus().coordinators()).hasSize(1);
    }

    @Test
    void a_leader_that_lost_its_session_is_fenced_and_its_own_answers_go_on_through_the_next_one() throws Exception {
        Answer answer = answerInTheMiddle(leader);
        leader.cutFromZooKeeper();
        await().atMost(PATIENCE).until(() -> head.control().loads().size() == 2);
        leader.healWayToZooKeeper();
        tail.stage().allowResults();
        assertUndisturbed(answer);
        awaitReady(leader.model());
        assertLeads(follower);
        assertThat(leader.model().clusterStatus().plan().epoch()).isEqualTo(2);
        assertThat(Answer.of(leader.model(), 3).end()).isEqualTo(new GenerationEnd.Length());
        await().atMost(PATIENCE).until(() -> follower.model().clusterStatus().coordinators().size() == 2);
    }

    @Test
    void a_leader_that_stays_cut_from_zookeeper_finds_the_next_one_by_asking() throws Exception {
        Answer answer = answerInTheMiddle(leader);
        leader.cutFromZooKeeper();
        await().atMost(PATIENCE).until(() -> head.control().loads().size() == 2);
        tail.stage().allowResults();
        assertUndisturbed(answer);
        assertThat(Answer.of(leader.model(), 3).end()).isEqualTo(new GenerationEnd.Length());
    }

    @Test
    void while_zookeeper_is_away_all_coordinators_answer_and_afterwards_nothing_has_changed() throws Exception {
        Answer ofLeader = answerInTheMiddle(leader);
        Answer ofFollower = answerInTheMiddle(follower);
        cluster.server().stop();
        await().atMost(PATIENCE).until(() -> !follower.zooKeeper().getZookeeperClient().isConnected()
                && !leader.zooKeeper().getZookeeperClient().isConnected());
        tail.stage().allowResults();
        assertUndisturbed(ofLeader);
        assertUndisturbed(ofFollower);
        assertThat(Answer.of(leader.model(), 3).end()).isEqualTo(new GenerationEnd.Length());
        assertThat(Answer.of(follower.model(), 3).end()).isEqualTo(new GenerationEnd.Length());
        cluster.server().restart();
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(cluster.zooKeeper().getChildren().forPath(ClusterPaths.COORDINATORS)).hasSize(2);
            assertThat(cluster.zooKeeper().getChildren().forPath(ClusterPaths.LEADER)).hasSize(2);
        });
        awaitReady(leader.model());
        awaitReady(follower.model());
        assertThat(Answer.of(leader.model(), 3).end()).isEqualTo(new GenerationEnd.Length());
        assertThat(Answer.of(follower.model(), 3).end()).isEqualTo(new GenerationEnd.Length());
    }

    @Test
    void a_follower_that_loses_its_session_goes_on_answering() throws Exception {
        Answer answer = answerInTheMiddle(follower);
        KillSession.kill(follower.zooKeeper().getZookeeperClient().getZooKeeper());
        tail.stage().allowResults();
        assertUndisturbed(answer);
        awaitReady(follower.model());
        assertThat(Answer.of(follower.model(), 3).end()).isEqualTo(new GenerationEnd.Length());
        assertThat(leader.model().clusterStatus().plan().epoch()).as("the plan stands").isEqualTo(1);
    }

    @Test
    void answers_of_all_coordinators_outlive_a_leader_whose_session_is_killed() throws Exception {
        Answer ofLeader = answerInTheMiddle(leader);
        Answer ofFollower = answerInTheMiddle(follower);
        KillSession.kill(leader.zooKeeper().getZookeeperClient().getZooKeeper());
        tail.stage().allowResults();
        assertUndisturbed(ofLeader);
        assertUndisturbed(ofFollower);
        awaitReady(leader.model());
        awaitReady(follower.model());
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(leader.model().clusterStatus().coordinators())
                .filteredOn(ClusterStatus.Coordinator::leads).hasSize(1));
    }

    @Test
    void a_request_during_a_take_over_waits_for_the_next_leader() throws Exception {
        leader.vanish();
        await().atMost(PATIENCE).until(() -> follower.model().readiness() instanceof Readiness.NotReady);
        assertThat(Answer.of(follower.model(), 3).end()).isEqualTo(new GenerationEnd.Length());
        assertLeads(follower);
    }

    /** An answer that has some of its tokens, and gets no more before they are allowed. */
    private Answer answerInTheMiddle(TestCoordinator coordinator) throws Exception {
        tail.stage().rememberAndPause(10);
        Answer answer = Answer.of(coordinator.model(), TOKENS);
        await().atMost(PATIENCE).until(() -> answer.tokens().size() >= 5);
        return answer;
    }

    private static void assertUndisturbed(Answer answer) {
        assertThat(answer.end()).isEqualTo(new GenerationEnd.Length());
        assertThat(answer.tokens()).containsExactlyElementsOf(ScriptedStage.answer(List.of(7, 8, 9), TOKENS));
    }

    private static void assertLeads(TestCoordinator coordinator) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            ClusterStatus status = coordinator.model().clusterStatus();
            assertThat(status.model().ready()).isTrue();
            assertThat(status.plan().epoch()).isEqualTo(2);
        });
    }

    /** Whether a worker was asked for the very same shard again, which it keeps loaded then. */
    private static void assertRenewed(ScriptedWorker worker, int loads) {
        assertThat(worker.control().loads()).hasSize(loads).extracting(CoordinatorsTest::withoutEpoch)
                .containsOnly(withoutEpoch(worker.control().loads().getFirst()));
        assertThat(worker.control().unloads()).isEmpty();
    }

    private static LoadShardRequest withoutEpoch(LoadShardRequest load) {
        return load.toBuilder().clearEpoch().clearWeightsAddress().build();
    }
}

package org.barnraiser.testing.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Two coordinators, of which one leads: readers of the other one lose nothing when it goes, and ZooKeeper may be away. */
class CoordinatorFailoverTest {
    private static final Duration PATIENCE = FaultyCluster.PATIENCE;
    private static final int PIECES_BEFORE = 40;
    /** Longer than a session with ZooKeeper, 15 s. */
    private static final Duration SESSION_OVER = Duration.ofSeconds(18);

    @TempDir
    private static Path folder;

    private static FaultyCluster faulty;
    private static TestCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        faulty = FaultyCluster.start(folder, 2);
        cluster = faulty.cluster();
        faulty.undisturbed(SureQuestions.eight());
    }

    @AfterAll
    static void stop() throws Exception {
        faulty.close();
    }

    @BeforeEach
    void settle() throws Exception {
        faulty.settle();
        cluster.await("one leads", PATIENCE, () -> cluster.leader().isPresent());
    }

    @Test
    void every_coordinator_answers_readers_and_says_the_same_of_the_cluster() throws Exception {
        for (TestCoordinator coordinator : cluster.coordinators()) {
            faulty.assertAsUndisturbed(SureQuestions.eight(),
                    faulty.readers().ask(coordinator.url(), SureQuestions.eight()));
            assertThat(coordinator.cluster().path("plan").path("epoch").asLong()).isEqualTo(cluster.epoch());
            assertThat(coordinator.get("/v1/models").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_leader_that_is_killed_costs_readers_elsewhere_no_token_and_nothing_is_loaded_again() throws Exception {
        TestCoordinator leader = leader();
        TestCoordinator follower = follower();
        List<Long> stages = pids(follower);
        List<RunningAnswer> answers = begin(follower);
        leader.kill();
        long killedNanos = System.nanoTime();
        cluster.await("the other one leads", PATIENCE, follower::leads);
        Duration leaderless = Duration.ofNanos(System.nanoTime() - killedNanos);
        cluster.await("it has taken over", PATIENCE, follower::isReady);
        assertThat(pids(follower)).isEqualTo(stages);
        List<Answer> whole = faulty.assertAsUndisturbed(SureQuestions.eight(), answers);
        System.out.printf(
                "FAULT kill -9 of the leader: a new one after %d ms, the longest pause of eight readers was %d ms%n",
                leaderless.toMillis(), longestPause(whole).toMillis());
        faulty.assertAsUndisturbed(SureQuestions.eight(),
                faulty.readers().ask(follower.url(), SureQuestions.eight()));
    }

    @Test
    void a_leader_that_stood_still_while_another_took_over_does_no_harm_when_it_goes_on() throws Exception {
        TestCoordinator leader = leader();
        TestCoordinator follower = follower();
        List<RunningAnswer> answers = begin(follower);
        leader.stop();
        List<Answer> whole = faulty.assertAsUndisturbed(SureQuestions.eight(), answers);
        System.out.printf("FAULT SIGSTOP of the leader: the longest pause of eight readers was %d ms%n",
                longestPause(whole).toMillis());
        answers = begin(follower);
        leader.cont();
        faulty.assertAsUndisturbed(SureQuestions.eight(), answers);
        cluster.await("both are ready", PATIENCE, () -> leader.isReady() && follower.isReady());
        faulty.assertAsUndisturbed(SureQuestions.eight(), faulty.readers().ask(leader.url(), SureQuestions.eight()));
    }

    @Test
    void the_own_readers_of_a_leader_that_stood_still_hear_the_rest_through_the_one_that_took_over() throws Exception {
        TestCoordinator leader = leader();
        TestCoordinator follower = follower();
        List<RunningAnswer> answers = begin(leader);
        leader.stop();
        cluster.await("the other one leads", PATIENCE, follower::leads);
        leader.cont();
        faulty.assertAsUndisturbed(SureQuestions.eight(), answers);
        cluster.await("the former leader follows", PATIENCE, () -> leader.isReady() && !leader.leads());
    }

    @Test
    void a_leader_that_loses_its_session_goes_on_answering() throws Exception {
        TestCoordinator leader = leader();
        TestCoordinator follower = follower();
        List<RunningAnswer> answers = begin(leader);
        leader.zooKeeper().blackHole();
        faulty.assertAsUndisturbed(SureQuestions.eight(), answers);
        cluster.await("the other one leads", PATIENCE, follower::leads);
        faulty.assertAsUndisturbed(SureQuestions.eight(), faulty.readers().ask(follower.url(), SureQuestions.eight()));
        answers = begin(follower);
        leader.zooKeeper().heal();
        faulty.assertAsUndisturbed(SureQuestions.eight(), answers);
        cluster.await("both are ready", PATIENCE, () -> leader.isReady() && follower.isReady());
        faulty.assertAsUndisturbed(SureQuestions.eight(), faulty.readers().ask(leader.url(), SureQuestions.eight()));
    }

    @Test
    void answers_and_new_questions_go_on_while_zookeeper_is_away_for_longer_than_a_session() throws Exception {
        long stoppedNanos = System.nanoTime();
        cluster.stopZooKeeper();
        try {
            do {
                for (TestCoordinator coordinator : cluster.coordinators()) {
                    faulty.assertAsUndisturbed(SureQuestions.eight(),
                            faulty.readers().ask(coordinator.url(), SureQuestions.eight()));
                }
            } while (System.nanoTime() - stoppedNanos < SESSION_OVER.toNanos());
        } finally {
            cluster.startZooKeeper();
        }
        List<RunningAnswer> answers = begin(follower());
        cluster.await("one leads again", PATIENCE, () -> cluster.leader().isPresent());
        faulty.assertAsUndisturbed(SureQuestions.eight(), answers);
    }

    @Test
    void a_stage_that_dies_while_zookeeper_is_away_costs_no_token() throws Exception {
        List<RunningAnswer> answers = begin(leader());
        cluster.stopZooKeeper();
        cluster.stage(TestCluster.Position.MIDDLE).kill();
        cluster.startZooKeeper();
        faulty.assertAsUndisturbed(SureQuestions.eight(), answers);
    }

    private static List<RunningAnswer> begin(TestCoordinator coordinator) throws Exception {
        List<RunningAnswer> answers = faulty.readers().ask(coordinator.url(), SureQuestions.eight());
        for (RunningAnswer answer : answers) {
            answer.awaitPieces(PIECES_BEFORE, PATIENCE);
        }
        assertThat(answers).as("in the middle of their answers").noneMatch(RunningAnswer::isEnded);
        return answers;
    }

    private static TestCoordinator leader() throws Exception {
        cluster.await("one leads", PATIENCE, () -> cluster.leader().isPresent());
        return cluster.leader().orElseThrow();
    }

    private static TestCoordinator follower() throws Exception {
        TestCoordinator leader = leader();
        return cluster.coordinators().stream().filter(other -> other != leader).findFirst().orElseThrow();
    }

    private static List<Long> pids(TestCoordinator coordinator) throws Exception {
        return coordinator.cluster().path("plan").path("pipelines").path(0).path("stages").valueStream()
                .map(stage -> stage.path("pid").asLong()).toList();
    }

    private static Duration longestPause(List<Answer> answers) {
        return answers.stream().map(Answer::longestPause).max(Duration::compareTo).orElseThrow();
    }
}

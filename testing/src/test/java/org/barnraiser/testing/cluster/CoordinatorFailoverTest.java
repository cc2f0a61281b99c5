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

/** Two coordinators, of which the one that leads is killed, stands still, or loses ZooKeeper, while eight readers listen to each. */
class CoordinatorFailoverTest {
    private static final Duration PATIENCE = FaultyCluster.PATIENCE;
    private static final int PIECES_BEFORE = 40;

    @TempDir
    private static Path folder;

    private static FaultyCluster faulty;
    private static TestCluster cluster;

    private TestCoordinator leader;
    private TestCoordinator follower;
    private long epoch;

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
    void findLeader() throws Exception {
        faulty.settle();
        cluster.await("one leads and another follows", PATIENCE, () -> cluster.leader().isPresent()
                && registeredWith(cluster.coordinators().getFirst()) == 2
                && registeredWith(cluster.coordinators().getLast()) == 2);
        leader = cluster.leader().orElseThrow();
        follower = cluster.coordinators().stream().filter(other -> !other.equals(leader)).findFirst().orElseThrow();
        epoch = cluster.epoch();
    }

    private static int registeredWith(TestCoordinator coordinator) throws Exception {
        return coordinator.cluster().path("coordinators").size();
    }

    @Test
    void a_killed_leader_costs_the_readers_of_others_no_token() throws Exception {
        List<RunningAnswer> answers = askInTheMiddle(follower);
        long killedNanos = System.nanoTime();
        leader.kill();
        awaitLeads(follower, "kill -9 of the leader", killedNanos);
        faulty.assertAsUndisturbed(SureQuestions.eight(), answers);
        assertThat(follower.cluster().path("plan").path("epoch").asLong()).isGreaterThan(epoch);
    }

    @Test
    void a_leader_that_stands_still_loses_no_token_of_anybody_and_follows_when_it_goes_on() throws Exception {
        List<RunningAnswer> ofFollower = askInTheMiddle(follower);
        List<RunningAnswer> ofLeader = askInTheMiddle(leader);
        long stoppedNanos = System.nanoTime();
        leader.stop();
        awaitLeads(follower, "SIGSTOP of the leader", stoppedNanos);
        faulty.assertAsUndisturbed(SureQuestions.eight(), ofFollower);
        leader.cont();
        faulty.assertAsUndisturbed(SureQuestions.eight(), ofLeader);
        cluster.await("the former leader follows", PATIENCE, () -> leader.isReady() && !leader.leads());
        faulty.assertAsUndisturbed(SureQuestions.eight(), askInTheMiddle(leader));
        assertThat(follower.leads()).isTrue();
    }

    @Test
    void zookeeper_restarted_stops_no_answer_of_any_coordinator() throws Exception {
        List<RunningAnswer> ofFollower = askInTheMiddle(follower);
        List<RunningAnswer> ofLeader = askInTheMiddle(leader);
        int znodes = cluster.znodes();
        cluster.stopZooKeeper();
        faulty.assertAsUndisturbed(SureQuestions.eight(), ofFollower);
        faulty.assertAsUndisturbed(SureQuestions.eight(), ofLeader);
        faulty.assertAsUndisturbed(SureQuestions.eight(), askInTheMiddle(follower));
        cluster.startZooKeeper();
        cluster.await("everyone is registered again", PATIENCE, () -> cluster.znodes() == znodes);
        faulty.assertAsUndisturbed(SureQuestions.eight(), askInTheMiddle(leader));
        faulty.assertAsUndisturbed(SureQuestions.eight(), askInTheMiddle(follower));
    }

    private static List<RunningAnswer> askInTheMiddle(TestCoordinator coordinator) throws Exception {
        List<RunningAnswer> answers = faulty.readers().ask(coordinator.url(), SureQuestions.eight());
        for (RunningAnswer answer : answers) {
            answer.awaitPieces(Math.min(PIECES_BEFORE, SureQuestions.TOKENS / 2), PATIENCE);
        }
        return answers;
    }

    private static void awaitLeads(TestCoordinator next, String what, long sinceNanos) throws Exception {
        cluster.await("another one leads", PATIENCE, () -> next.leads() && next.isReady());
        System.out.printf("FAULT %s: another led and was ready after %d ms%n", what,
                Duration.ofNanos(System.nanoTime() - sinceNanos).toMillis());
    }
}

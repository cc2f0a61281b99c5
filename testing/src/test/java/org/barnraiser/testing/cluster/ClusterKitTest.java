package org.barnraiser.testing.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The test kit itself: a cluster of separate processes answers through its proxies, and its verbs do what they say. */
class ClusterKitTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Question QUESTION = SureQuestions.eight().getFirst();

    @TempDir
    private static Path folder;

    @AutoClose
    private static final Readers READERS = new Readers();

    @AutoClose
    private static TestCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = TestClusterSettings.demo(folder, 2).start().awaitReady(PATIENCE);
    }

    @Test
    void answers_come_through_the_proxies_of_every_stage_and_are_the_same_alone_and_together() throws Exception {
        Answer alone = ask();
        assertThat(alone.isWhole()).as(alone.summary()).isTrue();
        assertThat(alone.tokens()).isEqualTo(SureQuestions.TOKENS);
        for (RunningAnswer answer : READERS.ask(cluster.coordinator().url(), SureQuestions.eight())) {
            assertThat(answer.await(PATIENCE).isWhole()).isTrue();
        }
        RunningAnswer together = READERS.ask(cluster.coordinator().url(), SureQuestions.eight()).getFirst();
        assertThat(together.await(PATIENCE).text()).isEqualTo(alone.text());
        assertThat(cluster.stages()).isNotEmpty().allSatisfy(
                stage -> assertThat(stage.link().connections()).isPositive());
        assertThat(cluster.workers()).allSatisfy(
                worker -> assertThat(worker.zooKeeper().connections()).isPositive());
    }

    @Test
    void the_model_is_sure_of_the_questions_that_faults_are_tried_with() throws Exception {
        for (List<Question> eight : List.of(SureQuestions.eight(), SureQuestions.eightLong())) {
            List<RunningAnswer> answers = eight.stream()
                    .map(question -> READERS.ask(cluster.coordinator().url(), SureQuestions.withLeads(question)))
                    .toList();
            for (RunningAnswer running : answers) {
                Answer answer = running.await(PATIENCE);
                assertThat(SureQuestions.leads(answer)).hasSize(answer.tokens()).isNotEmpty()
                        .allMatch(lead -> lead > SureQuestions.LEAD);
            }
        }
    }

    @Test
    void a_killed_worker_is_gone_and_a_recovered_one_answers_again() throws Exception {
        String before = ask().text();
        long epoch = cluster.epoch();
        TestWorker tail = cluster.stage(TestCluster.Position.TAIL);
        tail.kill();
        assertThat(tail.isAlive()).isFalse();
        cluster.recover();
        cluster.await("a newer plan runs", PATIENCE,
                () -> cluster.coordinator().isReady() && cluster.epoch() > epoch);
        assertThat(ask().text()).isEqualTo(before);
    }

    @Test
    void zookeeper_keeps_its_data_over_a_restart_and_answers_go_on_meanwhile() throws Exception {
        String expected = ask().text();
        long epoch = cluster.epoch();
        int znodes = cluster.znodes();
        RunningAnswer running = READERS.ask(cluster.coordinator().url(), QUESTION);
        running.awaitPieces(1, PATIENCE);
        cluster.stopZooKeeper();
        assertThat(running.await(PATIENCE).text()).isEqualTo(expected);
        cluster.startZooKeeper();
        cluster.await("everyone is back", PATIENCE,
                () -> cluster.workers().stream().allMatch(worker -> worker.zooKeeper().connections() > 0));
        assertThat(cluster.epoch()).isGreaterThanOrEqualTo(epoch);
        assertThat(cluster.znodes()).isBetween(znodes - 3, znodes + 3);
    }

    @Test
    void a_stopped_worker_stands_still_until_it_may_go_on() throws Exception {
        TestWorker spare = cluster.addWorker();
        spare.stop();
        assertThat(spare.isStopped()).isTrue();
        assertThat(spare.isAlive()).isTrue();
        assertThat(spare.footprint().threads()).isPositive();
        spare.kill();
        assertThat(spare.isAlive()).isFalse();
    }

    private static Answer ask() throws Exception {
        return READERS.ask(cluster.coordinator().url(), QUESTION).await(PATIENCE);
    }
}

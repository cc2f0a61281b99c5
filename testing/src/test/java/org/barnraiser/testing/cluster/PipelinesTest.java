package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Two coordinators and two pipelines of two stages each, as real processes: what one pipeline loses, the other one makes good. */
class PipelinesTest {
    private static final Duration PATIENCE = FaultyCluster.PATIENCE;
    private static final int PIECES_BEFORE = 20;

    @TempDir
    private static Path folder;

    private static final Readers READERS = new Readers();
    private static TestCluster cluster;
    private static List<Answer> undisturbed;

    @BeforeAll
    static void start() throws Exception {
        cluster = TestClusterSettings.demo(folder, 4).withLogs(Path.of("target/fault-logs")).withCoordinators(2)
                .withCoordinatorOptions("--stages", "2", "--pipelines", "2").start();
        cluster.awaitReady(PATIENCE);
        settle();
        undisturbed = whole(READERS.ask(leader().url(), SureQuestions.eight()));
    }

    @AfterAll
    static void stop() throws Exception {
        READERS.close();
        cluster.close();
    }

    @BeforeEach
    void recover() throws Exception {
        cluster.recover();
        settle();
    }

    private static void settle() throws Exception {
        cluster.await("both pipelines answer, and both coordinators know", PATIENCE,
                () -> cluster.leader().isPresent() && pipelines(leader()).size() == 2
                        && pipelines(follower()).size() == 2
                        && pipelines(leader()).stream().allMatch(pipeline -> pipeline.size() == 2)
                        && ready(leader()) && ready(follower()));
    }

    private static boolean ready(TestCoordinator coordinator) throws Exception {
        // Both have had their first token, which tried them.
        for (JsonNode pipeline : coordinator.cluster().path("plan").path("pipelines")) {
            if (steps(pipeline) == 0) {
                return false;
            }
        }
        return coordinator.isReady();
    }

    private static long steps(JsonNode pipeline) {
        return pipeline.path("stages").path(0).path("done").path("steps").asLong();
    }

    private static TestCoordinator leader() throws Exception {
        return cluster.leader().orElseThrow();
    }

    private static TestCoordinator follower() throws Exception {
        TestCoordinator leader = leader();
        return cluster.coordinators().stream().filter(other -> !other.equals(leader)).findFirst().orElseThrow();
    }

    /** The workers of each pipeline. */
    private static List<List<String>> pipelines(TestCoordinator coordinator) throws Exception {
        return coordinator.cluster().path("plan").path("pipelines").valueStream()
                .map(pipeline -> pipeline.path("stages").valueStream().map(stage -> stage.path("worker").asText())
                        .toList())
                .toList();
    }

    private static List<Answer> whole(List<RunningAnswer> running) throws Exception {
        List<Answer> answers = new ArrayList<>();
        for (RunningAnswer answer : running) {
            answers.add(answer.await(PATIENCE));
            assertThat(answers.getLast().isWhole()).as(answers.getLast().summary()).isTrue();
        }
        return answers;
    }

    private static void assertAsUndisturbed(List<RunningAnswer> running) throws Exception {
        assertThat(whole(running)).extracting(Answer::text).isEqualTo(undisturbed.stream().map(Answer::text).toList());
    }

    private static List<RunningAnswer> begin(TestCoordinator coordinator) throws Exception {
        List<RunningAnswer> answers = READERS.ask(coordinator.url(), SureQuestions.eight());
        for (RunningAnswer answer : answers) {
            answer.awaitPieces(PIECES_BEFORE, PATIENCE);
        }
        return answers;
    }

    @Test
    void no_machine_is_in_both_pipelines_and_readers_of_both_coordinators_are_answered_by_both() throws Exception {
        Set<String> workers = new TreeSet<>();
        pipelines(leader()).forEach(workers::addAll);
        assertThat(workers).hasSize(4);
        for (TestCoordinator coordinator : List.of(leader(), follower())) {
            List<Long> before = stepsOfEach();
            assertAsUndisturbed(READERS.ask(coordinator.url(), SureQuestions.eight()));
            cluster.await("both pipelines have computed", PATIENCE, () -> {
                List<Long> now = stepsOfEach();
                return now.get(0) > before.get(0) && now.get(1) > before.get(1);
            });
        }
    }

    private static List<Long> stepsOfEach() throws Exception {
        return leader().cluster().path("plan").path("pipelines").valueStream().map(PipelinesTest::steps).toList();
    }

    @Test
    void a_worker_that_is_killed_costs_no_token_and_the_model_is_ready_all_the_time() throws Exception {
        TestWorker victim = cluster.worker(pipelines(leader()).get(1).getFirst());
        List<RunningAnswer> answers = new ArrayList<>(begin(leader()));
        answers.addAll(begin(follower()));
        victim.kill();
        cluster.await("one pipeline is left, or all is said", PATIENCE, () -> {
            assertThat(leader().isReady()).isTrue();
            return pipelines(leader()).size() == 1 || answers.stream().allMatch(RunningAnswer::isEnded);
        });
        assertAsUndisturbed(answers.subList(0, 8));
        assertAsUndisturbed(answers.subList(8, 16));
        assertThat(follower().isReady()).isTrue();
    }

    @Test
    void the_next_leader_takes_both_pipelines_over_and_nothing_is_loaded_again() throws Exception {
        TestCoordinator leader = leader();
        TestCoordinator follower = follower();
        List<Long> before = pids(follower);
        List<RunningAnswer> answers = begin(follower);
        leader.kill();
        cluster.await("the other one leads both pipelines", PATIENCE,
                () -> follower.leads() && pipelines(follower).size() == 2 && ready(follower));
        assertAsUndisturbed(answers);
        assertThat(pids(follower)).isEqualTo(before);
    }

    private static List<Long> pids(TestCoordinator coordinator) throws Exception {
        return coordinator.cluster().path("plan").path("pipelines").valueStream().flatMap(PipelinesTest::pids).toList();
    }

    private static Stream<Long> pids(JsonNode pipeline) {
        return pipeline.path("stages").valueStream().map(stage -> stage.path("pid").asLong());
    }
}

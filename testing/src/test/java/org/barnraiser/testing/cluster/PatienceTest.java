package org.barnraiser.testing.cluster;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Two workers, of which neither can hold the model alone: when one is gone, readers wait, and at last they are told why. */
class PatienceTest {
    private static final Duration PATIENCE = FaultyCluster.PATIENCE;
    private static final int PIECES_BEFORE = 40;
    private static final Question QUESTION = SureQuestions.eight().getFirst();

    private static final String WHAT_IS_MISSING = "ayers? .* ha(s|ve) no machine: .* more needed";

    @TempDir
    private static Path folder;

    @AutoClose
    private static final Readers READERS = new Readers();

    @AutoClose
    private static TestCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = TestClusterSettings.demo(folder, 2).withLogs(Path.of("target/patience-logs")).withWorkerMemory("160M")
                .withCoordinatorOptions("--patience", "10").start().awaitReady(PATIENCE);
    }

    @BeforeEach
    void settle() throws Exception {
        cluster.recover();
        cluster.await("two stages", PATIENCE, () -> cluster.coordinator().isReady() && cluster.stages().size() == 2);
    }

    @Test
    void an_answer_waits_with_signs_of_life_and_goes_on_when_the_machine_is_back() throws Exception {
        Answer undisturbed = READERS.ask(cluster.coordinator().url(), QUESTION).await(PATIENCE);
        RunningAnswer running = begin();
        TestWorker victim = cluster.stage(TestCluster.Position.TAIL);
        victim.kill();
        cluster.await("readers hear that it goes on", PATIENCE, () -> !running.soFar().comments().isEmpty());
        victim.restart();
        Answer answer = running.await(PATIENCE);
        assertThat(answer.isWhole()).as(answer.summary()).isTrue();
        assertThat(answer.text()).isEqualTo(undisturbed.text());
        System.out.printf("FAULT a machine that nobody replaces, back at once: a pause of %d ms%n",
                answer.longestPause().toMillis());
    }

    @Test
    void when_nobody_comes_answers_end_with_the_reason_and_new_ones_are_refused_with_it() throws Exception {
        RunningAnswer running = begin();
        cluster.stage(TestCluster.Position.HEAD).kill();
        Answer answer = running.await(PATIENCE);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.comments()).isNotEmpty();
        assertThat(answer.error()).as(answer.summary()).containsPattern(WHAT_IS_MISSING);
        assertThat(answer.finishReason()).isEmpty();
        assertThat(answer.longestPause()).isLessThan(Duration.ofSeconds(60));

        Answer refused = READERS.ask(cluster.coordinator().url(), QUESTION).await(PATIENCE);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.error()).containsPattern(WHAT_IS_MISSING);
        HttpResponse<String> ready = cluster.coordinator().get("/readyz");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.headers().firstValue("Retry-After")).isPresent();
        assertThat(ready.body()).containsPattern(WHAT_IS_MISSING);
    }

    private static RunningAnswer begin() throws Exception {
        List<RunningAnswer> answers = READERS.ask(cluster.coordinator().url(), List.of(QUESTION));
        answers.getFirst().awaitPieces(PIECES_BEFORE, PATIENCE);
        return answers.getFirst();
    }
}

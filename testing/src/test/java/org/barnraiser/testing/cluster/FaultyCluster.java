package org.barnraiser.testing.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A cluster of three stages and a stand-by that tests of one class use one after the other, with the answers that it gives while
 * nobody disturbs it.
 */
final class FaultyCluster implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int STAGES = 3;

    private final TestCluster cluster;
    private final Readers readers = new Readers();
    private final Map<Question, Answer> undisturbed = new HashMap<>();

    private FaultyCluster(TestCluster cluster) {
        this.cluster = cluster;
    }

    /** @param options for each coordinator */
    static FaultyCluster start(Path folder, int coordinators, String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of("--stages", Integer.toString(STAGES)));
        all.addAll(List.of(options));
        TestCluster cluster = TestClusterSettings.demo(folder, STAGES + 1).withLogs(Path.of("target/fault-logs"))
                .withCoordinators(coordinators).withCoordinatorOptions(all.toArray(String[]::new)).start();
        FaultyCluster faulty = new FaultyCluster(cluster);
        try {
            faulty.settle();
            return faulty;
        } catch (Exception e) {
            faulty.close();
            throw e;
        }
    }

    TestCluster cluster() {
        return cluster;
    }

    Readers readers() {
        return readers;
    }

    /** Undoes every fault, and waits until three stages run and a stand-by holds a shard. */
    void settle() throws Exception {
        cluster.recover();
        cluster.awaitReady(PATIENCE);
        cluster.await("three stages and a stand-by", PATIENCE,
                () -> cluster.stages().size() == STAGES && cluster.standbyNote().isPresent()
                        && cluster.coordinator().isReady());
    }

    /** The answers to these questions while nothing is wrong. Asked once. */
    List<Answer> undisturbed(List<Question> questions) throws Exception {
        if (!undisturbed.keySet().containsAll(questions)) {
            List<RunningAnswer> answers = readers.ask(cluster.coordinator().url(), questions);
            for (int i = 0; i < questions.size(); i++) {
                Answer answer = answers.get(i).await(PATIENCE);
                assertThat(answer.isWhole()).as(answer.summary()).isTrue();
                undisturbed.put(questions.get(i), answer);
            }
        }
        List<Answer> answers = new ArrayList<>();
        for (Question question : questions) {
            answers.add(undisturbed.get(question));
        }
        return answers;
    }

    /** Waits for all answers, and holds them against the undisturbed ones: whole, and not a token lost or twice. */
    List<Answer> assertAsUndisturbed(List<Question> questions, List<RunningAnswer> running) throws Exception {
        List<Answer> expected = undisturbed(questions);
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < running.size(); i++) {
            Answer answer = running.get(i).await(PATIENCE);
            assertThat(answer.isWhole()).as("answer %d: %s", i, answer.summary()).isTrue();
            assertThat(answer.text()).as("answer %d: %s", i, answer.summary()).isEqualTo(expected.get(i).text());
            assertThat(answer.tokens()).as("tokens of answer %d", i).isEqualTo(expected.get(i).tokens());
            assertThat(answer.finishReason()).isEqualTo(expected.get(i).finishReason());
            answers.add(answer);
        }
        return answers;
    }

    @Override
    public void close() throws IOException {
        readers.close();
        cluster.close();
    }
}

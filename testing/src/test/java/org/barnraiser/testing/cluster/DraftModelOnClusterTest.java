package org.barnraiser.testing.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.testing.bench.UnsplitModel;
import org.barnraiser.testing.models.DemoModelF32;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** A draft model beside the head of real processes: the same words, in fewer steps, also when the machine with both is lost. */
class DraftModelOnClusterTest {
    private static final Duration PATIENCE = FaultyCluster.PATIENCE;
    private static final int TOKENS = 100;
    private static final String ACCEPTED = "barnraiser_accepted_tokens_total";

    @TempDir
    private static Path folder;

    @AutoClose
    private static final Readers READERS = new Readers();

    @AutoClose
    private static TestCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        Path draft = DemoModelF32.writeTo(folder);
        cluster = TestClusterSettings.demo(folder, 3).withLogs(Path.of("target/draft-logs"))
                .withCoordinatorOptions("--stages", "2", "--speculate", "4", "--draft", draft.toString()).start()
                .awaitReady(PATIENCE);
    }

    /** Asks until the draft model is there, which nobody waits for. */
    private static void awaitGuesses() throws Exception {
        double before = cluster.coordinator().metric(ACCEPTED).orElse(0);
        cluster.await("guesses that are right", PATIENCE, () -> {
            ask(Question.greedy(SureQuestions.prompt("What is a worker?"), 24));
            return cluster.coordinator().metric(ACCEPTED).orElse(0) > before + 12;
        });
    }

    private static Answer ask(Question question) throws Exception {
        Answer answer = READERS.ask(cluster.coordinator().url(), question).await(PATIENCE);
        assertThat(answer.isWhole()).as(answer.summary()).isTrue();
        return answer;
    }

    @Test
    void answers_are_the_same_also_when_the_machine_with_the_draft_model_is_lost() throws Exception {
        String prompt = SureQuestions.prompt("What is Barnraiser?");
        List<Question> questions = SureQuestions.eight().subList(0, 2);
        awaitGuesses();
        try (UnsplitModel unsplit = new UnsplitModel(folder.resolve("barnraiser-demo-f32.gguf"), 512, 1)) {
            Answer greedy = ask(Question.greedy(prompt, TOKENS).with(body -> body.remove("ignore_eos")));
            assertThat(greedy.text()).isNotEmpty().isEqualTo(unsplit.greedy(prompt, TOKENS));
        }
        List<String> undisturbed = new ArrayList<>();
        double before = cluster.coordinator().metric(ACCEPTED).orElse(0);
        for (Question question : questions) {
            undisturbed.add(ask(question).text());
        }
        assertThat(cluster.coordinator().metric(ACCEPTED).orElse(0)).as("right guesses")
                .isGreaterThan(before + SureQuestions.TOKENS);

        List<RunningAnswer> running = READERS.ask(cluster.coordinator().url(), questions);
        for (RunningAnswer answer : running) {
            answer.awaitPieces(20, PATIENCE);
        }
        cluster.stage(TestCluster.Position.HEAD).kill();
        for (int i = 0; i < running.size(); i++) {
            Answer answer = running.get(i).await(PATIENCE);
            assertThat(answer.isWhole()).as(answer.summary()).isTrue();
            assertThat(answer.text()).isEqualTo(undisturbed.get(i));
        }
        awaitGuesses();
    }
}

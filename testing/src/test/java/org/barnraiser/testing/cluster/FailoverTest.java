package org.barnraiser.testing.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.barnraiser.testing.faults.FaultProxy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Workers that are killed, that hang, or that nobody reaches any more, while eight readers listen: nobody loses a token. */
class FailoverTest {
    private static final Duration PATIENCE = FaultyCluster.PATIENCE;
    /** So many pieces of each answer have come when the fault happens. */
    private static final int PIECES_BEFORE = 40;
    /** Hidden states of about two steps. */
    private static final long PREFILL_BYTES = 300_000;

    @TempDir
    private static Path folder;

    private static FaultyCluster faulty;
    private static TestCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        // Prompts that are asked again must be read again, or there would be no time in which they are.
        faulty = FaultyCluster.start(folder, 1, "--forget");
        cluster = faulty.cluster();
        faulty.undisturbed(SureQuestions.eight());
        faulty.undisturbed(SureQuestions.eightLong());
    }

    @AfterAll
    static void stop() throws Exception {
        faulty.close();
    }

    @BeforeEach
    void settle() throws Exception {
        faulty.settle();
    }

    /** Something that happens to a stage. */
    private interface Fault {
        void happensTo(TestWorker worker) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void a_stage_killed_during_decode_costs_no_token(TestCluster.Position position) throws Exception {
        duringDecode("kill -9 of the " + position, cluster.stage(position), TestWorker::kill);
    }

    /** One in the normal run: that a head dies while others read prompts has a test below. */
    private static List<TestCluster.Position> killedDuringPrefill() {
        return Boolean.getBoolean("barnraiser.soak")
                ? List.of(TestCluster.Position.values())
                : List.of(TestCluster.Position.MIDDLE);
    }

    @ParameterizedTest
    @MethodSource("killedDuringPrefill")
    void a_stage_killed_during_prefill_costs_no_token(TestCluster.Position position) throws Exception {
        List<Question> questions = SureQuestions.eightLong();
        TestWorker victim = cluster.stage(position);
        FaultProxy middle = cluster.stage(TestCluster.Position.MIDDLE).link();
        long before = middle.carriedBytes(FaultProxy.Direction.TO_SERVER);
        middle.slow(FaultProxy.Direction.TO_SERVER, Duration.ofMillis(20), 10_000_000);
        List<RunningAnswer> answers = faulty.readers().ask(cluster.coordinator().url(), questions);
        cluster.await("prompts are being read", PATIENCE,
                () -> middle.carriedBytes(FaultProxy.Direction.TO_SERVER) - before > PREFILL_BYTES);
        victim.kill();
        long killedNanos = System.nanoTime();
        assertThat(answers).as("still reading prompts").anyMatch(answer -> answer.soFar().pieces().isEmpty());
        middle.heal();
        report("kill -9 of the " + position + " during prefill", killedNanos,
                faulty.assertAsUndisturbed(questions, answers));
    }

    @Test
    void a_stage_that_stands_still_costs_no_token_and_does_no_harm_when_it_goes_on() throws Exception {
        TestWorker victim = cluster.stage(TestCluster.Position.MIDDLE);
        duringDecode("SIGSTOP of the MIDDLE", victim, TestWorker::stop);
        List<RunningAnswer> answers = faulty.readers().ask(cluster.coordinator().url(), SureQuestions.eight());
        for (RunningAnswer answer : answers) {
            answer.awaitPieces(PIECES_BEFORE, PATIENCE);
        }
        // A machine that sleeps is one that is lost, and back by itself when it wakes.
        long pid = victim.pid();
        cluster.await("the session of the one that sleeps has ended", PATIENCE, () -> !isThere(victim, pid));
        victim.cont();
        faulty.assertAsUndisturbed(SureQuestions.eight(), answers);
        cluster.await("the one that slept is back", PATIENCE, () -> isThere(victim, pid));
        victim.restart();
    }

    private boolean isThere(TestWorker worker, long pid) throws Exception {
        for (var there : cluster.coordinator().cluster().path("workers")) {
            if (there.path("worker").asText().equals(worker.name()) && there.path("pid").asLong() == pid) {
                return true;
            }
        }
        return false;
    }

    @Test
    void a_link_that_swallows_everything_costs_no_token() throws Exception {
        unreachable("black hole before the MIDDLE", TestCluster.Position.MIDDLE, FaultProxy::blackHole);
    }

    @Test
    void a_link_that_is_cut_costs_no_token() throws Exception {
        unreachable("cut before the TAIL", TestCluster.Position.TAIL, FaultProxy::cut);
    }

    @ParameterizedTest
    @EnumSource
    void a_link_that_is_half_open_costs_no_token(FaultProxy.Direction silent) throws Exception {
        unreachable("half-open link of the MIDDLE, silent " + silent, TestCluster.Position.MIDDLE,
                link -> link.halfOpen(silent));
    }

    @Test
    void a_link_that_slows_down_loses_nothing() throws Exception {
        unreachable("slow link before the MIDDLE", TestCluster.Position.MIDDLE,
                link -> link.slow(Duration.ofMillis(10), 1_000_000));
    }

    @Test
    void a_worker_that_loses_zookeeper_goes_on() throws Exception {
        duringDecode("ZooKeeper out of reach of the HEAD", cluster.stage(TestCluster.Position.HEAD),
                worker -> worker.zooKeeper().blackHole());
    }

    @Test
    void sampled_answers_grammars_and_probabilities_are_the_same_with_and_without_a_fault() throws Exception {
        List<Question> questions = SeededQuestions.eight();
        List<Answer> expected = faulty.undisturbed(questions);
        List<RunningAnswer> answers = faulty.readers().ask(cluster.coordinator().url(), questions);
        for (RunningAnswer answer : answers) {
            answer.awaitPieces(PIECES_BEFORE, PATIENCE);
        }
        cluster.stage(TestCluster.Position.TAIL).kill();
        List<Answer> disturbed = faulty.assertAsUndisturbed(questions, answers);
        for (int i = 0; i < questions.size(); i++) {
            SeededQuestions.assertSameProbabilities(disturbed.get(i), expected.get(i));
        }
    }

    @Test
    void more_readers_than_slots_wait_and_none_is_refused_also_when_a_stage_dies() throws Exception {
        List<Question> eight = SureQuestions.eightLong();
        List<Question> questions = IntStream.range(0, 12).mapToObj(number -> eight.get(number % eight.size())).toList();
        List<RunningAnswer> answers = faulty.readers().ask(cluster.coordinator().url(), questions);
        answers.getFirst().awaitPieces(1, PATIENCE);
        cluster.stage(TestCluster.Position.HEAD).kill();
        faulty.assertAsUndisturbed(questions, answers);
    }

    @Test
    void filling_the_context_ends_an_answer_as_too_long_and_is_no_error() throws Exception {
        List<Question> questions = SureQuestions.eightLong().stream().limit(3)
                .map(question -> question.with(body -> body.put("max_tokens", 100_000))).toList();
        for (RunningAnswer running : faulty.readers().ask(cluster.coordinator().url(), questions)) {
            Answer answer = running.await(PATIENCE);
            assertThat(answer.isWhole()).as(answer.summary()).isTrue();
            assertThat(answer.finishReason()).isEqualTo("length");
            assertThat(answer.tokens()).as("tokens after a long prompt").isBetween(200, 800);
        }
    }

    /** The victim is started afresh at the end: a machine that was hard to reach is passed over for some minutes. */
    private static void unreachable(String what, TestCluster.Position position, Consumer<FaultProxy> fault)
            throws Exception {
        TestWorker victim = cluster.stage(position);
        duringDecode(what, victim, worker -> fault.accept(worker.link()));
        victim.link().heal();
        victim.restart();
    }

    /** Eight readers hear the beginnings of their answers, then the fault happens, and they hear the rest. */
    private static void duringDecode(String what, TestWorker victim, Fault fault) throws Exception {
        List<Question> questions = SureQuestions.eight();
        List<RunningAnswer> answers = faulty.readers().ask(cluster.coordinator().url(), questions);
        for (RunningAnswer answer : answers) {
            answer.awaitPieces(PIECES_BEFORE, PATIENCE);
        }
        assertThat(answers).as("in the middle of their answers").noneMatch(RunningAnswer::isEnded);
        long faultNanos = System.nanoTime();
        fault.happensTo(victim);
        report(what, faultNanos, faulty.assertAsUndisturbed(questions, answers));
    }

    private static void report(String what, long faultNanos, List<Answer> answers) {
        long[] millis = answers.stream().mapToLong(answer -> pauseAfter(answer, faultNanos).toMillis()).sorted()
                .toArray();
        System.out.printf("FAULT %s: the longest pause of eight readers was %d ms, the shortest %d ms%n", what,
                millis[millis.length - 1], millis[0]);
        assertThat(Duration.ofMillis(millis[millis.length - 1])).isLessThan(Duration.ofSeconds(60));
    }

    /** The longest time without text that ended after the fault, or for an answer without text before it, the time to the first. */
    private static Duration pauseAfter(Answer answer, long faultNanos) {
        long longest = 0;
        long last = faultNanos;
        for (Answer.Piece piece : answer.pieces()) {
            if (piece.nanos() > faultNanos) {
                longest = Math.max(longest, piece.nanos() - last);
                last = piece.nanos();
            }
        }
        return Duration.ofNanos(longest);
    }
}

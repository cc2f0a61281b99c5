package org.barnraiser.testing.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;

/** Fault after fault on one cluster of two coordinators and four workers, while eight readers ask without a break. */
final class Soak implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    static final int STREAMS = 8;
    private static final int RESIDENTS = 4;
    private static final int SHORTEST_MILLIS = 300;
    private static final int LONGEST_MILLIS = 6_000;

    private final TestCluster cluster;
    private final Readers readers = new Readers();
    private final Random random;
    private final List<Event> events = new ArrayList<>();
    private final List<TestWorker> residents;
    private final TestWorker visitor;
    private final SoakLoad load;

    /** A fault that happened, and until when its effects count; times are {@link System#nanoTime()}. */
    record Event(SoakFault fault, long fromNanos, long toNanos) {}

    private Soak(TestCluster cluster, Random random) throws Exception {
        this.cluster = cluster;
        this.random = random;
        this.residents = cluster.workers();
        this.visitor = cluster.addWorker();
        visitor.kill();
        this.load = new SoakLoad(readers, cluster.coordinator().url(), questions(), expected());
    }

    static Soak start(Path folder, long seed) throws Exception {
        TestCluster cluster = TestClusterSettings.demo(folder, RESIDENTS).withLogs(Path.of("target/soak-logs"))
                .withCoordinators(2).withCoordinatorOptions("--stages", "3").start();
        try {
            cluster.awaitReady(PATIENCE);
            Soak soak = new Soak(cluster, new Random(seed));
            soak.load.moveTo(soak.follower().url());
            soak.load.start(STREAMS);
            return soak;
        } catch (Exception e) {
            cluster.close();
            throw e;
        }
    }

    private static List<Question> questions() {
        List<Question> questions = new ArrayList<>(SureQuestions.eight());
        questions.addAll(SureQuestions.eightLong());
        questions.addAll(SeededQuestions.eight());
        return questions;
    }

    /** What is answered while nothing is wrong. */
    private List<Answer> expected() throws Exception {
        List<RunningAnswer> running = readers.ask(cluster.coordinator().url(), questions());
        List<Answer> answers = new ArrayList<>();
        for (RunningAnswer answer : running) {
            answers.add(answer.await(PATIENCE));
            assertThat(answers.getLast().isWhole()).as(answers.getLast().summary()).isTrue();
        }
        return answers;
    }

    TestCluster cluster() {
        return cluster;
    }

    /** The workers that are always there, but for faults. */
    List<TestWorker> residents() {
        return residents;
    }

    /** The worker that comes and goes. */
    TestWorker visitor() {
        return visitor;
    }

    /** Kills the coordinator that leads, after readers have moved to another one: an answer ends with the HTTP server it comes from. */
    void killLeader() throws Exception {
        TestCoordinator leader = awaitLeader();
        load.moveTo(follower().url());
        cluster.await("no reader listens to the leader", PATIENCE, () -> !load.isHeardFrom(leader.url()));
        leader.kill();
    }

    private TestCoordinator awaitLeader() throws Exception {
        cluster.await("somebody leads", PATIENCE, () -> cluster.leader().isPresent());
        return cluster.leader().orElseThrow();
    }

    private TestCoordinator follower() throws Exception {
        TestCoordinator leader = awaitLeader();
        return cluster.coordinators().stream().filter(other -> other != leader).findFirst().orElseThrow();
    }

    /** Residents and coordinators are as good as new. */
    void recover() throws IOException {
        for (TestWorker resident : residents) {
            resident.recover();
        }
        for (TestCoordinator coordinator : cluster.coordinators()) {
            coordinator.recover();
        }
    }

    /** Lets a fault happen, last for a while, and end; waits until every coordinator is ready again. */
    void suffer(SoakFault fault) throws Exception {
        long startNanos = System.nanoTime();
        fault.happen(this, random);
        Duration lasts = Duration.ofMillis(random.nextInt(SHORTEST_MILLIS, LONGEST_MILLIS));
        Thread.sleep(lasts);
        fault.end(this);
        cluster.awaitReady(PATIENCE);
        // A next fault may come at once, or in a quiet moment.
        Thread.sleep(random.nextInt(2_000));
        events.add(new Event(fault, startNanos, System.nanoTime()));
    }

    /** Ends the load and waits until nothing runs any more. */
    void calmDown() throws Exception {
        load.end();
        cluster.awaitReady(PATIENCE);
        for (TestCoordinator coordinator : cluster.coordinators()) {
            cluster.await("no sequence runs on " + coordinator.name(), PATIENCE,
                    () -> coordinator.metric("barnraiser_sequences_running").orElseThrow() == 0);
        }
    }

    /** Every slot is free: eight readers are answered at the same time. */
    void assertEverySlotIsFree() throws Exception {
        List<RunningAnswer> answers = readers.ask(follower().url(), SureQuestions.eight());
        for (RunningAnswer answer : answers) {
            answer.awaitPieces(1, PATIENCE);
        }
        assertThat(answers).as("answered at the same time").noneMatch(RunningAnswer::isEnded);
        for (RunningAnswer answer : answers) {
            assertThat(answer.await(PATIENCE).isWhole()).isTrue();
        }
    }

    SoakSize size() throws Exception {
        List<Footprint> workers = new ArrayList<>();
        for (TestWorker worker : residents) {
            workers.add(worker.footprint());
        }
        List<Footprint> coordinators = new ArrayList<>();
        for (TestCoordinator coordinator : cluster.coordinators()) {
            coordinators.add(coordinator.footprint());
        }
        return new SoakSize(Footprint.largest(workers), Footprint.largest(coordinators), cluster.znodes());
    }

    List<Event> events() {
        return List.copyOf(events);
    }

    SoakLoad load() {
        return load;
    }

    @Override
    public void close() throws IOException {
        readers.close();
        cluster.close();
    }
}

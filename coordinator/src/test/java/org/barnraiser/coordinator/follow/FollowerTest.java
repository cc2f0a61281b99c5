package org.barnraiser.coordinator.follow;

import com.google.common.primitives.ImmutableIntArray;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.barnraiser.coordinator.lead.TestLeader;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.schedule.GenerationLimits;
import org.barnraiser.coordinator.schedule.Generations;
import org.barnraiser.coordinator.schedule.ResumableSequence;
import org.barnraiser.coordinator.schedule.SequenceListener;
import org.barnraiser.proto.CoordinatorRecord;
import org.barnraiser.proto.LeaderState;
import org.barnraiser.proto.PipelineRecord;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.StageRecord;
import org.barnraiser.trust.Links;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class FollowerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ImmutableIntArray PROMPT = ImmutableIntArray.of(7, 8, 9);
    private static final int TOKENS = 60;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Generations answers = own(new Generations(new GenerationLimits(512, 16, PATIENCE)));
    private final Follower follower = own(
            new Follower(Links.PLAIN, TestLeader.MODEL, answers, Duration.ofMillis(2_500)));

    @AfterEach
    void close() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    @Test
    void an_answer_outlives_the_leader_with_exactly_the_same_tokens() throws Exception {
        TestLeader first = leader(new HistoryRunner(20), 1);
        follow(first, "first");
        Answer answer = start();
        await().atMost(PATIENCE).until(() -> answer.tokens.size() == 20);
        first.close();
        await().atMost(PATIENCE).until(() -> answer.paused);
        follow(leader(new HistoryRunner(TOKENS), 2), "second");
        answer.awaitEnd(new GenerationEnd.Length());
        assertThat(answer.tokens).isEqualTo(HistoryRunner.answer(PROMPT, TOKENS));
        assertThat(answer.paused).isFalse();
    }

    @Test
    void an_answer_outlives_the_leaders_pipeline_with_exactly_the_same_tokens() throws Exception {
        HistoryRunner pipeline = new HistoryRunner(20);
        TestLeader leader = leader(pipeline, 1);
        follow(leader, "first");
        Answer answer = start();
        await().atMost(PATIENCE).until(() -> answer.tokens.size() == 20);
        leader.tell(LeaderState.newBuilder().setReason("Worker w1 is gone.").setRetryAfterSeconds(5).build());
        pipeline.lose("Worker w1 is gone.");
        await().atMost(PATIENCE).until(() -> answer.paused);
        awaitReason("Worker w1 is gone.");
        leader.runWith(new HistoryRunner(TOKENS));
        leader.tell(ready(2));
        answer.awaitEnd(new GenerationEnd.Length());
        assertThat(answer.tokens).isEqualTo(HistoryRunner.answer(PROMPT, TOKENS));
    }

    @Test
    void an_answer_goes_on_when_this_coordinator_leads_itself() throws Exception {
        TestLeader first = leader(new HistoryRunner(20), 1);
        follow(first, "first");
        Answer answer = start();
        await().atMost(PATIENCE).until(() -> answer.tokens.size() == 20);
        first.close();
        follower.follow(Optional.empty());
        answers.attach(new HistoryRunner(TOKENS));
        answer.awaitEnd(new GenerationEnd.Length());
        assertThat(answer.tokens).isEqualTo(HistoryRunner.answer(PROMPT, TOKENS));
    }

    @Test
    void an_answer_that_nobody_wants_ends_at_the_leader() throws Exception {
        HistoryRunner pipeline = new HistoryRunner(5);
        follow(leader(pipeline, 1), "first");
        Answer answer = start();
        await().atMost(PATIENCE).until(() -> answer.tokens.size() == 5);
        answer.cancel();
        answer.awaitEnd(new GenerationEnd.Cancelled());
        await().atMost(PATIENCE).until(() -> pipeline.runningCount() == 0);
    }

    @Test
    void a_leader_that_says_nothing_is_not_ready_and_the_next_one_is_followed() throws Exception {
        // Whoever connects is taken by the operating system, and never answered.
        ServerSocket silent = own(new ServerSocket(0, 8, InetAddress.getLoopbackAddress()));
        follower.follow(Optional.of(record("silent", "127.0.0.1:" + silent.getLocalPort())));
        Answer answer = start();
        awaitReason("has said nothing for 2500 ms");
        assertThat(answer.ends).isEmpty();
        follow(leader(new HistoryRunner(TOKENS), 1), "second");
        answer.awaitEnd(new GenerationEnd.Length());
        assertThat(answer.tokens).isEqualTo(HistoryRunner.answer(PROMPT, TOKENS));
    }

    @Test
    void what_the_leader_knows_of_the_model_is_known_here() throws Exception {
        assertThat(follower.known().readiness()).isInstanceOf(Readiness.NotReady.class);
        ClusterStatus status = new ClusterStatus(new ClusterStatus.Model("plain", TestLeader.MODEL.digest(), true, ""),
                new ClusterStatus.Plan(7, List.of()), List.of(),
                List.of(new ClusterStatus.Coordinator("c1", "127.0.0.1:8080", true)), ClusterStatus.Activity.NONE,
                List.of());
        TestLeader leader = leader(new HistoryRunner(0), 7);
        leader.tell(ready(7).toBuilder().setStatusJson(StatusJson.encode(status)).build());
        follow(leader, "first");
        awaitReady();
        assertThat(follower.known().status()).contains(status);
        assertThat(follower.known().tail()).contains(new Known.Tail("p", "127.0.0.1:7"));
        leader.close();
        await().atMost(PATIENCE).until(() -> follower.known().status().filter(last -> !last.model().ready())
                .isPresent());
        assertThat(follower.known().readiness()).isInstanceOf(Readiness.NotReady.class);
    }

    @Test
    void a_leader_that_talks_nonsense_is_not_believed() throws Exception {
        TestLeader leader = leader(new HistoryRunner(0), 1);
        leader.tell(LeaderState.newBuilder().setReady(true).setStatusJson(ByteString.copyFromUtf8("{\"model\":"))
                .build());
        follow(leader, "first");
        awaitReason("says that the model is ready, and not where");
        assertThat(follower.known().status()).isEmpty();
        leader.tell(LeaderState.newBuilder().setReason("x".repeat(100_000)).setRetryAfterSeconds(-1).build());
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(follower.known().readiness())
                .isInstanceOfSatisfying(Readiness.NotReady.class, not -> {
                    assertThat(not.reason()).hasSizeLessThan(1_000).startsWith("xxx");
                    assertThat(not.retryAfterSeconds()).isEqualTo(3_600);
                }));
    }

    @Test
    void what_the_leaders_machines_read_is_heard_here_and_no_nonsense() throws Exception {
        TestLeader leader = leader(new HistoryRunner(0), 1);
        leader.runWith((ResumableSequence _, SequenceListener listener) -> {
            listener.onReused(1);
            listener.onRead(1);
            listener.onRead(-1);
            listener.onRead(1_000_000);
            listener.onRead(2);
            listener.onEnd(new GenerationEnd.EndOfGeneration());
            return () -> {};
        });
        follow(leader, "first");
        Answer answer = start();
        answer.awaitEnd(new GenerationEnd.EndOfGeneration());
        assertThat(answer.read).containsExactly(0, 1, 2);
    }

    @Test
    void a_token_that_the_model_does_not_have_ends_the_answer() throws Exception {
        assertLieEndsTheAnswer(TestLeader.MODEL.vocabularySize(), PROMPT.length());
        assertLieEndsTheAnswer(-1, PROMPT.length());
    }

    @Test
    void a_token_at_another_place_ends_the_answer() throws Exception {
        assertLieEndsTheAnswer(1, PROMPT.length() + 1);
    }

    private void assertLieEndsTheAnswer(int token, int position) throws Exception {
        TestLeader leader = leader(new HistoryRunner(0), 1);
        leader.runWith((ResumableSequence _, SequenceListener listener) -> {
            listener.onToken(SampledToken.newBuilder().setToken(token).setPosition(position).build(), 0);
            return () -> {};
        });
        follow(leader, "liar");
        Answer answer = start();
        await().atMost(PATIENCE).until(() -> !answer.ends.isEmpty());
        assertThat(answer.ends.getFirst()).isInstanceOfSatisfying(GenerationEnd.Failed.class,
                failed -> assertThat(failed.reason()).contains("no answer"));
        assertThat(answer.tokens).isEmpty();
        follower.follow(Optional.empty());
    }

    @Test
    void a_full_queue_at_the_leader_makes_readers_wait() throws Exception {
        TestLeader leader = leader(new HistoryRunner(0), 1);
        leader.runWith((_, _) -> {
            throw ModelUnavailableException.queueFull("64 readers wait already.", 5);
        });
        follow(leader, "first");
        awaitReady();
        Answer answer = start();
        await().atMost(PATIENCE).until(() -> answer.paused);
        leader.runWith(new HistoryRunner(TOKENS));
        answer.awaitEnd(new GenerationEnd.Length());
        assertThat(answer.tokens).isEqualTo(HistoryRunner.answer(PROMPT, TOKENS));
    }

    private TestLeader leader(HistoryRunner runner, long epoch) throws IOException {
        TestLeader leader = own(new TestLeader());
        leader.runWith(runner);
        leader.tell(ready(epoch));
        return leader;
    }

    private static LeaderState ready(long epoch) {
        return LeaderState.newBuilder().setReady(true)
                .setPlan(PlanRecord.newBuilder().setEpoch(epoch).addPipelines(PipelineRecord.newBuilder()
                        .setPipelineId("p").addStages(StageRecord.newBuilder().setAddress("127.0.0.1:7"))))
                .build();
    }

    private void follow(TestLeader leader, String id) {
        follower.follow(Optional.of(record(id, leader.address())));
    }

    private static CoordinatorRecord record(String id, String address) {
        return CoordinatorRecord.newBuilder().setCoordinatorId(id).setGrpcAddress(address).build();
    }

    private Answer start() throws ModelUnavailableException {
        Answer answer = new Answer();
        answer.generation = answers.start(
                new GenerationRequest(PROMPT, TOKENS, SamplingParameters.getDefaultInstance()),
                answer);
        return answer;
    }

    private void awaitReady() {
        await().atMost(PATIENCE).until(() -> follower.known().readiness() instanceof Readiness.Ready);
    }

    private void awaitReason(String part) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(follower.known().readiness())
                .isInstanceOfSatisfying(Readiness.NotReady.class, not -> assertThat(not.reason()).contains(part)));
    }

    private <T extends AutoCloseable> T own(T resource) {
        opened.push(resource);
        return resource;
    }

    private static final class Answer implements GenerationListener {
        private final List<Integer> tokens = new CopyOnWriteArrayList<>();
        private final List<GenerationEnd> ends = new CopyOnWriteArrayList<>();
        private final List<Integer> read = new CopyOnWriteArrayList<>();
        private volatile boolean paused;
        private @Nullable Generation generation;

        void cancel() {
            if (generation != null) {
                generation.cancel();
            }
        }

        void awaitEnd(GenerationEnd end) {
            await().atMost(PATIENCE).until(() -> !ends.isEmpty());
            assertThat(ends).containsExactly(end);
        }

        @Override
        public void onPromptReused(int promptTokens) {}

        @Override
        public void onReading(int promptTokens) {
            read.add(promptTokens);
        }

        @Override
        public void onToken(SampledToken token) {
            tokens.add(token.getToken());
        }

        @Override
        public void onPause(String reason) {
            paused = true;
        }

        @Override
        public void onResume() {
            paused = false;
        }

        @Override
        public void onEnd(GenerationEnd end) {
            ends.add(end);
        }
    }
}

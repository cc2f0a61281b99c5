package org.barnraiser.coordinator.lead;

import com.google.common.base.Strings;
import com.google.common.primitives.ImmutableIntArray;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.schedule.ResumableSequence;
import org.barnraiser.proto.AdapterUse;
import org.barnraiser.proto.GenerateEvent;
import org.barnraiser.proto.GenerateEvent.End.Cause;
import org.barnraiser.proto.GenerateRequest;
import org.barnraiser.proto.LeaderGrpc;
import org.barnraiser.proto.LeaderState;
import org.barnraiser.proto.LogitBias;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.SamplingParameters.Pooling;
import org.barnraiser.proto.WatchRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.barnraiser.coordinator.lead.TestLeader.request;
import static org.barnraiser.coordinator.lead.TestLeader.watching;

class LeaderServiceTest {
    private TestLeader leader;

    @BeforeEach
    void start() throws Exception {
        leader = new TestLeader();
    }

    @AfterEach
    void stop() {
        leader.close();
    }

    @Test
    void a_sequence_runs_from_its_tokens_on_and_its_tokens_and_its_end_come_in_order() throws Exception {
        Heard<GenerateRequest, GenerateEvent> call = generate(request().build());
        ScriptedRunner.Run run = leader.scripted().next();
        assertThat(run.sequence).isEqualTo(new ResumableSequence(ImmutableIntArray.of(7, 8, 9), 2, 5,
                SamplingParameters.newBuilder().setTopP(1).build(), 0.25f, true));
        run.token(11, 3);
        run.token(12, 4);
        run.listener.onEnd(new GenerationEnd.Length());
        assertThat(call.next().getSampled().getToken().getToken()).isEqualTo(11);
        GenerateEvent.Sampled second = call.next().getSampled();
        assertThat(second.getToken().getPosition()).isEqualTo(4);
        assertThat(second.getMirostatMu()).isEqualTo(0.5f);
        assertThat(call.next().getEnd().getCause()).isEqualTo(Cause.LENGTH);
        assertThat(call.end().isOk()).isTrue();
    }

    @Test
    void a_sequence_whose_pipeline_is_lost_is_interrupted() throws Exception {
        Heard<GenerateRequest, GenerateEvent> call = generate(request().build());
        leader.scripted().next().listener.onInterrupted("Worker w1 is gone.");
        assertThat(call.next().getInterrupted()).isEqualTo("Worker w1 is gone.");
        assertThat(call.end().isOk()).isTrue();
    }

    @Test
    void cancelling_the_call_ends_the_sequence() throws Exception {
        Heard<GenerateRequest, GenerateEvent> call = generate(request().build());
        ScriptedRunner.Run run = leader.scripted().next();
        call.call().cancel("enough", null);
        await().atMost(Duration.ofSeconds(30)).until(() -> run.cancelled);
    }

    @Test
    void a_follower_that_takes_nothing_holds_up_nobody_and_is_cut_off() throws Exception {
        Heard<GenerateRequest, GenerateEvent> slow = Heard.nothing();
        LeaderGrpc.newStub(leader.channel()).generate(request().build(), slow);
        ScriptedRunner.Run slowRun = leader.scripted().next();
        Heard<GenerateRequest, GenerateEvent> quick = generate(request().build());
        ScriptedRunner.Run quickRun = leader.scripted().next();
        SampledToken large = SampledToken.newBuilder().setPiece(ByteString.copyFrom(new byte[64 << 10])).build();
        // This thread is the pipeline's: if the service waited for the follower, it would never come to the end.
        for (int i = 0; i < 4 * GenerateCall.MAX_WAITING && !slowRun.cancelled; i++) {
            slowRun.listener.onToken(large, 0);
        }
        assertThat(slowRun.cancelled).isTrue();
        quickRun.token(11, 3);
        assertThat(quick.next().getSampled().getToken().getToken()).isEqualTo(11);
        slow.call().request(Integer.MAX_VALUE);
        assertThat(slow.end().getCode()).isEqualTo(Status.Code.ABORTED);
    }

    static Stream<Arguments> badSequences() {
        int vocabulary = TestLeader.MODEL.vocabularySize();
        return Stream.of(
                bad("another model", request().setModelDigest("f".repeat(64))),
                bad("at most the number of tokens", request().clearTokens()),
                bad("at most the number of tokens", request().setGeneratedFromPosition(0)),
                bad("at most the number of tokens", request().setGeneratedFromPosition(4)),
                bad("at most the number of tokens", request().setGeneratedFromPosition(-1)),
                bad("a token that the model does not have", request().addTokens(vocabulary)),
                bad("a token that the model does not have", request().addTokens(-1)),
                bad("leave no room", request().addAllTokens(Collections.nCopies(510, 1))),
                bad("remaining_tokens", request().setRemainingTokens(0)),
                bad("remaining_tokens", request().setRemainingTokens(-1)),
                bad("mirostat_mu", request().setMirostatMu(Float.NaN)),
                bad("mirostat_mu", request().setMirostatMu(Float.POSITIVE_INFINITY)),
                bad("pooling", sampling().setPooling(Pooling.MEAN)),
                bad("pooling", sampling().setPoolingValue(9)),
                bad("does not have the adapter", sampling().addAdapters(
                        AdapterUse.newBuilder().setDigest("f".repeat(64)).setScale(1))),
                bad("temperature", sampling().setTemperature(Float.NaN)),
                bad("temperature", sampling().setTemperature(-1)),
                bad("top_k", sampling().setTopK(-1)),
                bad("top_p", sampling().setTopP(1.5f)),
                bad("repeat_penalty", sampling().setRepeatPenalty(Float.NEGATIVE_INFINITY)),
                bad("penalty_last_tokens", sampling().setPenaltyLastTokens(1 << 30)),
                bad("dry_last_tokens", sampling().setDryLastTokens(-1)),
                bad("dry_sequence_breakers", sampling().addDrySequenceBreakers("")),
                bad("dry_sequence_breakers", sampling().addDrySequenceBreakers("x".repeat(101))),
                bad("mirostat", sampling().setMirostat(3)),
                bad("a token of logit_bias", sampling().addLogitBias(LogitBias.newBuilder().setToken(vocabulary))),
                bad("a bias of logit_bias", sampling().addLogitBias(LogitBias.newBuilder().setBias(Float.NaN))),
                bad("logit_bias has more", sampling()
                        .addAllLogitBias(Collections.nCopies(1_025, LogitBias.getDefaultInstance()))),
                bad("top_logprobs", sampling().setTopLogprobs(21)),
                bad("grammar", sampling().setGrammar(Strings.repeat("x", (1 << 20) + 1))));
    }

    private static SamplingParameters.Builder sampling() {
        return SamplingParameters.newBuilder().setTopP(1);
    }

    private static Arguments bad(String reason, SamplingParameters.Builder sampling) {
        return bad(reason, request().setSampling(sampling));
    }

    private static Arguments bad(String reason, GenerateRequest.Builder request) {
        return Arguments.of(reason, request.build());
    }

    @ParameterizedTest
    @MethodSource("badSequences")
    void a_bad_sequence_is_refused_and_never_run(String reason, GenerateRequest request) throws Exception {
        assertRefused(request, Status.Code.INVALID_ARGUMENT, reason);
        assertThat(leader.scripted().isUnused()).isTrue();
    }

    @Test
    void who_does_not_lead_runs_nothing() throws Exception {
        leader.set(Optional.empty());
        assertRefused(request().build(), Status.Code.FAILED_PRECONDITION, "another coordinator leads");
        assertThat(leader.scripted().isUnused()).isTrue();
    }

    @Test
    void a_model_that_is_not_ready_says_why() throws Exception {
        leader.notReady("Waiting for workers: 1 of 2 are here.");
        assertRefused(request().build(), Status.Code.UNAVAILABLE, "1 of 2 are here");
    }

    @Test
    void a_full_queue_is_told_from_a_model_that_is_not_ready() throws Exception {
        leader.scripted().refuse(ModelUnavailableException.queueFull("64 readers wait already.", 5));
        assertRefused(request().build(), Status.Code.RESOURCE_EXHAUSTED, "64 readers wait");
    }

    @Test
    void who_watches_hears_the_state_now_after_a_change_and_each_second() throws Exception {
        leader.set(Optional.of(LeaderState.newBuilder().setReason("first").build()));
        Heard<WatchRequest, LeaderState> call = watch(watching());
        assertThat(call.next().getReason()).isEqualTo("first");
        leader.set(Optional.of(LeaderState.newBuilder().setReason("second").build()));
        leader.service().announce();
        await().atMost(Duration.ofSeconds(30)).until(() -> call.next().getReason().equals("second"));
        for (int i = 0; i < 3; i++) {
            assertThat(call.next().getReason()).as("nothing has changed").isEqualTo("second");
        }
    }

    @Test
    void who_watches_hears_at_once_that_another_leads() throws Exception {
        Heard<WatchRequest, LeaderState> call = watch(watching());
        assertThat(call.next().getReady()).isTrue();
        leader.set(Optional.empty());
        leader.service().announce();
        assertThat(call.end().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    }

    @Test
    void who_has_another_model_cannot_watch() throws Exception {
        Status end = watch(WatchRequest.newBuilder().setModelDigest("f".repeat(64)).build()).end();
        assertThat(end.getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(end.getDescription()).contains(TestLeader.MODEL.digest());
    }

    @Test
    void more_watchers_than_any_cluster_has_are_refused_until_one_leaves() throws Exception {
        List<Heard<WatchRequest, LeaderState>> calls = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            calls.add(watch(watching()));
            calls.getLast().next();
        }
        assertThat(watch(watching()).end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        calls.getFirst().call().cancel("enough", null);
        await().atMost(Duration.ofSeconds(30)).until(() -> isTaken(watch(watching())));
    }

    private Heard<GenerateRequest, GenerateEvent> generate(GenerateRequest request) {
        Heard<GenerateRequest, GenerateEvent> heard = Heard.all();
        LeaderGrpc.newStub(leader.channel()).generate(request, heard);
        return heard;
    }

    private Heard<WatchRequest, LeaderState> watch(WatchRequest request) {
        Heard<WatchRequest, LeaderState> heard = Heard.all();
        LeaderGrpc.newStub(leader.channel()).watch(request, heard);
        return heard;
    }

    /** Whether a state was heard and not a refusal; waits for either. */
    private static boolean isTaken(Heard<WatchRequest, LeaderState> watch) {
        await().atMost(Duration.ofSeconds(30)).until(() -> watch.hasHeard() || watch.hasEnded());
        return watch.hasHeard();
    }

    private void assertRefused(GenerateRequest request, Status.Code code, String reason) throws Exception {
        Status end = generate(request).end();
        assertThat(end.getCode()).isEqualTo(code);
        assertThat(end.getDescription()).contains(reason);
    }
}

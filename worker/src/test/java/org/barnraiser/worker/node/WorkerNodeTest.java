package org.barnraiser.worker.node;

import com.google.common.primitives.Ints;
import com.google.protobuf.ByteString;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.curator.test.TestingServer;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.DetokenizeRequest;
import org.barnraiser.proto.JsonSchemaToGrammarRequest;
import org.barnraiser.proto.LinkOpen;
import org.barnraiser.proto.LinkStatus;
import org.barnraiser.proto.LoadProgress;
import org.barnraiser.proto.LoadProgress.Phase;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.ProbeMessage;
import org.barnraiser.proto.ResultsRequest;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepFailure.Kind;
import org.barnraiser.proto.StepMessage;
import org.barnraiser.proto.StepResult;
import org.barnraiser.proto.TokenizeRequest;
import org.barnraiser.proto.TokenizeRequest.Part;
import org.barnraiser.proto.UnloadRequest;
import org.barnraiser.worker.stage.TestModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.barnraiser.worker.node.TestWorker.PIPELINE;
import static org.barnraiser.worker.node.TestWorker.wholeModel;
import static org.barnraiser.worker.stage.Steps.add;
import static org.barnraiser.worker.stage.Steps.begin;
import static org.barnraiser.worker.stage.Steps.greedy;
import static org.barnraiser.worker.stage.Steps.step;

/** Real workers, called over real connections as a coordinator does. */
class WorkerNodeTest {
    private static final long PLENTY = 1L << 30;

    @TempDir
    Path data;

    private TestModel model;
    private TestingServer zooKeeper;
    private ModelWeights weights;
    private TestWorker worker;

    @BeforeEach
    void start() throws Exception {
        model = TestModel.stories();
        zooKeeper = new TestingServer();
        weights = new ModelWeights(model);
        worker = new TestWorker(zooKeeper.getConnectString(), data, "one", PLENTY);
    }

    @AfterEach
    void stop() throws Exception {
        worker.close();
        weights.close();
        zooKeeper.close();
    }

    @Test
    void a_shard_is_fetched_verified_and_loaded() {
        List<LoadProgress> progress = worker.load(wholeModel(model, weights.address(), 1).build());
        assertThat(progress).extracting(LoadProgress::getPhase).containsSubsequence(Phase.FETCHING, Phase.LOADING,
                Phase.READY);
        assertThat(progress.getLast().getPhase()).isEqualTo(Phase.READY);
        var description = worker.control().describe(DescribeRequest.getDefaultInstance());
        assertThat(description.getShardsHeldList()).contains(model.spec(true, true).getShardId());
        assertThat(description.getAddress()).isEqualTo(worker.node.address());
        assertThat(description.getDevicesList()).isNotEmpty();
        assertThat(description.getPid()).isEqualTo(ProcessHandle.current().pid());
    }

    @Test
    void steps_come_back_as_results_in_order() {
        worker.load(wholeModel(model, weights.address(), 1).build());
        var results = results(worker, 1);
        var link = open(worker, 1, 0);
        int[] prompt = tokenize("Once upon a time", true);
        link.send(add(step(1).addEdits(begin(0, prompt.length, greedy())), 0, 0, Wanted.SAMPLE, prompt));
        var token = results.first().getSpans(0).getSampled(0);
        assertThat(token.getPiece().toString(StandardCharsets.UTF_8)).isEqualTo(",");
        for (int i = 0; i < 20; i++) {
            link.send(add(step(i + 2), 0, prompt.length + i, Wanted.SAMPLE, token.getToken()));
        }
        assertThat(results.await(21)).extracting(StepResult::getNumber)
                .containsExactlyElementsOf(Stream.iterate(1L, n -> n + 1).limit(21).toList());
    }

    @Test
    void two_stages_work_as_a_pipeline_and_the_first_link_hears_of_a_break() throws Exception {
        try (var second = new TestWorker(zooKeeper.getConnectString(), data, "two", PLENTY)) {
            second.load(TestWorker.tail(model, weights.address(), 4).build());
            worker.load(TestWorker.head(model, weights.address(), 4, second.node.address()).build());
            var results = results(second, 4);
            var link = open(worker, 4, 0);
            link.send(add(step(1).setEpoch(4).addEdits(begin(0, 3, greedy())), 0, 0, Wanted.SAMPLE, 5, 6, 7));
            StepResult result = results.first();
            assertThat(result.getSpans(0).getSampledCount()).isEqualTo(1);
            assertThat(result.getTimingsList()).extracting(timing -> timing.getStageIndex()).containsExactly(0, 1);
            link.send(add(step(2).setEpoch(4), 0, 9, Wanted.SAMPLE, 5));
            assertThat(results.await(2).getLast().getFailure().getKind()).isEqualTo(Kind.BAD_STEP);
            assertThat(results.messages.getLast().getFailure().getStageIndex()).isZero();

            second.node.close();
            assertThat(link.status.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
            assertThat(link.status.awaitEnd().getDescription()).contains("next stage");
        }
    }

    @Test
    void a_link_is_not_accepted_while_the_next_stage_is_missing() {
        worker.load(TestWorker.head(model, weights.address(), 1, "127.0.0.1:1").build());
        var link = new Link(worker, 1, 0);
        assertThat(link.status.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(link.status.messages).isEmpty();
    }

    @Test
    void a_newer_link_replaces_the_older_and_starts_from_an_empty_cache() {
        worker.load(wholeModel(model, weights.address(), 1).build());
        var results = results(worker, 1);
        var first = open(worker, 1, 0);
        first.send(add(step(1), 0, 0, Wanted.NOTHING, 5, 6, 7));
        assertThat(results.first().hasFailure()).isFalse();
        var second = open(worker, 1, 0);
        assertThat(first.status.awaitEnd().getCode()).isEqualTo(Code.ABORTED);
        second.send(add(step(2), 0, 0, Wanted.NOTHING, 5, 6, 7));
        assertThat(results.await(2).getLast().hasFailure()).isFalse();
    }

    @Test
    void newer_results_replace_older_ones_and_what_nobody_took_waits() {
        worker.load(wholeModel(model, weights.address(), 1).build());
        var link = open(worker, 1, 0);
        link.send(add(step(1), 0, 0, Wanted.NOTHING, 5));
        var first = results(worker, 1);
        assertThat(first.first().getNumber()).isEqualTo(1);
        var second = results(worker, 1);
        assertThat(first.awaitEnd().getCode()).isEqualTo(Code.ABORTED);
        link.send(add(step(2), 0, 1, Wanted.NOTHING, 5));
        assertThat(second.first().getNumber()).isEqualTo(2);
    }

    @Test
    void older_epochs_are_fenced_everywhere() {
        worker.load(wholeModel(model, weights.address(), 5).build());
        var link = open(worker, 5, 0);
        assertThat(codeOf(() -> worker.load(wholeModel(model, weights.address(), 4).build())))
                .isEqualTo(Code.FAILED_PRECONDITION);
        assertThat(new Link(worker, 4, 0).status.awaitEnd().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
        assertThat(results(worker, 4).awaitEnd().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
        assertThat(codeOf(() -> worker.control()
                .unload(UnloadRequest.newBuilder().setPipelineId(PIPELINE).setEpoch(4).build())))
                .isEqualTo(Code.FAILED_PRECONDITION);
        link.send(add(step(1).setEpoch(4), 0, 0, Wanted.NOTHING, 5));
        assertThat(link.status.awaitEnd().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
        assertThat(new Link(worker, 6, 0).status.awaitEnd().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
    }

    @Test
    void the_same_shard_is_kept_for_a_newer_epoch() {
        worker.load(wholeModel(model, weights.address(), 1).build());
        var results = results(worker, 1);
        var link = open(worker, 1, 0);
        link.send(add(step(1), 0, 0, Wanted.NOTHING, 5, 6));
        results.first();
        int reads = weights.reads.get();
        List<LoadProgress> progress = worker.load(wholeModel(model, weights.address(), 2).build());
        assertThat(progress).extracting(LoadProgress::getPhase).containsExactly(Phase.READY);
        assertThat(weights.reads.get()).isEqualTo(reads);
        assertThat(link.status.awaitEnd().getCode()).isEqualTo(Code.ABORTED);
        assertThat(results.awaitEnd().getCode()).isEqualTo(Code.ABORTED);
        var again = results(worker, 2);
        open(worker, 2, 0).send(add(step(1).setEpoch(2), 0, 0, Wanted.NOTHING, 5));
        assertThat(again.first().hasFailure()).isFalse();
    }

    @Test
    void a_cancelled_load_stops_and_the_next_one_succeeds() throws Exception {
        weights.stalls = true;
        var progress = new Received<LoadProgress>();
        var call = io.grpc.Context.current().withCancellation();
        call.run(() -> worker.asyncControl().loadShard(wholeModel(model, weights.address(), 1).build(), progress));
        assertThat(weights.stalled.await(30, TimeUnit.SECONDS)).isTrue();
        call.cancel(null);
        progress.awaitEnd();
        weights.stalls = false;
        assertThat(worker.load(wholeModel(model, weights.address(), 1).build()).getLast().getPhase())
                .isEqualTo(Phase.READY);
    }

    @Test
    void a_newer_load_cancels_one_that_hangs() throws Exception {
        weights.stalls = true;
        var progress = new Received<LoadProgress>();
        worker.asyncControl().loadShard(wholeModel(model, weights.address(), 1).build(), progress);
        assertThat(weights.stalled.await(30, TimeUnit.SECONDS)).isTrue();
        weights.stalls = false;
        assertThat(worker.load(wholeModel(model, weights.address(), 2).build()).getLast().getPhase())
                .isEqualTo(Phase.READY);
        assertThat(progress.awaitEnd().getCode()).isEqualTo(Code.ABORTED);
    }

    @Test
    void a_damaged_piece_is_data_loss_and_names_its_tensor() {
        weights.damaged = true;
        var error = errorOf(() -> worker.load(wholeModel(model, weights.address(), 1).build()));
        assertThat(error.getStatus().getCode()).isEqualTo(Code.DATA_LOSS);
        assertThat(error.getMessage()).contains("tensor all ");
    }

    @Test
    void weights_out_of_reach_are_unavailable() {
        assertThat(codeOf(() -> worker.load(wholeModel(model, "127.0.0.1:1", 1).build()))).isEqualTo(Code.UNAVAILABLE);
    }

    @Test
    void a_stage_that_does_not_fit_is_refused_with_both_numbers() throws Exception {
        long size = Files.size(model.file());
        try (var small = new TestWorker(zooKeeper.getConnectString(), data, "small", size - 1)) {
            var error = errorOf(() -> small.load(wholeModel(model, weights.address(), 1).build()));
            assertThat(error.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
            assertThat(error.getMessage()).contains(String.valueOf(size)).contains(String.valueOf(size - 1));
            assertThat(weights.reads).hasValue(0);
        }
        try (var tight = new TestWorker(zooKeeper.getConnectString(), data, "tight", size + 1000)) {
            var error = errorOf(() -> tight.load(wholeModel(model, weights.address(), 1).build()));
            assertThat(error.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
            assertThat(error.getMessage()).contains("cache").contains(String.valueOf(size + 1000));
        }
    }

    @Test
    void a_plan_that_moved_on_makes_room_for_the_new_one() throws Exception {
        long size = Files.size(model.file());
        try (var tight = new TestWorker(zooKeeper.getConnectString(), data, "tight", size * 3 / 2)) {
            tight.load(wholeModel(model, weights.address(), 1).build());
            assertThat(tight.load(wholeModel(model, weights.address(), 2).setPipelineId("another").build()).getLast()
                    .getPhase()).isEqualTo(Phase.READY);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostileLoads")
    void hostile_loads_are_refused(String problem, Consumer<LoadShardRequest.Builder> change) {
        var request = wholeModel(model, weights.address(), 1);
        change.accept(request);
        var error = errorOf(() -> worker.load(request.build()));
        assertThat(error.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(error.getMessage()).contains(problem);
    }

    static Stream<Arguments> hostileLoads() {
        return Stream.of(hostile("shard_id", request -> request.getShardBuilder().setShardId("../x")),
                hostile("pipeline_id", LoadShardRequest.Builder::clearPipelineId),
                hostile("epoch", LoadShardRequest.Builder::clearEpoch),
                hostile("slots", request -> request.setSlots(-1)),
                hostile("slots", request -> request.setSlots(100_000)),
                hostile("cache_tokens", request -> request.setCacheTokens(1)),
                hostile("max_step_tokens", request -> request.setMaxStepTokens(Integer.MAX_VALUE)),
                hostile("stage_index", request -> request.setStageIndex(1)),
                hostile("tail", request -> request.setStageCount(2)),
                hostile("encoding", request -> request.setWireValue(77)),
                hostile("layers", request -> request.getShardBuilder().getLayersBuilder().setLast(4)),
                hostile("rows of 32", request -> {
                    request.getShardBuilder().setEmbeddingLength(32);
                    request.getShardBuilder().getEmbeddingBuilder().setColumns(32);
                }));
    }

    private static Arguments hostile(String problem, Consumer<LoadShardRequest.Builder> change) {
        return Arguments.of(problem, change);
    }

    @Test
    void streams_that_do_not_begin_with_an_open_link_are_refused() {
        var status = new Received<LinkStatus>();
        StreamObserver<StepMessage> steps = worker.stage().steps(status);
        steps.onNext(StepMessage.newBuilder().setStep(step(1)).build());
        assertThat(status.awaitEnd().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(new Link(worker, 1, 0).status.awaitEnd().getCode()).isEqualTo(Code.NOT_FOUND);
        assertThat(results(worker, 1).awaitEnd().getCode()).isEqualTo(Code.NOT_FOUND);
    }

    @Test
    void an_unloaded_stage_is_gone() {
        worker.load(wholeModel(model, weights.address(), 1).build());
        var link = open(worker, 1, 0);
        var request = UnloadRequest.newBuilder().setPipelineId(PIPELINE).setEpoch(1).build();
        assertThat(worker.control().unload(request).getUnloaded()).isTrue();
        assertThat(link.status.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(worker.control().unload(request).getUnloaded()).isFalse();
        assertThat(codeOf(() -> tokenize("x", false))).isEqualTo(Code.NOT_FOUND);
    }

    @Test
    void a_stage_outlives_whoever_called_it() {
        worker.load(wholeModel(model, weights.address(), 1).build());
        var link = open(worker, 1, 0);
        link.steps.onError(io.grpc.Status.CANCELLED.asException());
        link.status.awaitEnd();
        var results = results(worker, 1);
        open(worker, 1, 0).send(add(step(1), 0, 0, Wanted.NOTHING, 5));
        assertThat(results.first().hasFailure()).isFalse();
    }

    @Test
    void text_and_tokens_are_turned_into_each_other() {
        worker.load(wholeModel(model, weights.address(), 1).build());
        int[] tokens = tokenize("Once upon a time", true);
        assertThat(tokens[0]).isEqualTo(1);
        var pieces = worker.control().detokenize(
                DetokenizeRequest.newBuilder().setPipelineId(PIPELINE).addAllTokens(Ints.asList(tokens)).build());
        var text = ByteString.copyFrom(pieces.getPiecesList()).toString(StandardCharsets.UTF_8);
        assertThat(text.strip()).isEqualTo("Once upon a time");
        assertThat(codeOf(() -> worker.control()
                .detokenize(DetokenizeRequest.newBuilder().setPipelineId(PIPELINE).addTokens(-1).build())))
                .isEqualTo(Code.INVALID_ARGUMENT);
    }

    @Test
    void schemas_become_grammars_and_bad_ones_are_told_why_while_the_worker_lives() {
        assertThat(codeOf(() -> grammar("{}"))).isEqualTo(Code.NOT_FOUND);
        worker.load(wholeModel(model, weights.address(), 1).build());
        assertThat(grammar("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}}}")).contains("root ::=");
        for (String bad : List.of("", "{nope", "5", "{\"type\":5}", "{\"$ref\":\"#/nowhere/x\"}",
                "{\"type\":\"string\",\"maxLength\":1000000000}", "[".repeat(100), "\"" + "x".repeat(300_000) + "\"",
                "{\"$ref\":\"#/$defs/x\",\"$defs\":{\"x\":{\"$ref\":\"#/$defs/x\"}}}")) {
            var error = errorOf(() -> grammar(bad));
            assertThat(error.getStatus().getCode()).as(bad.substring(0, Math.min(40, bad.length())))
                    .isEqualTo(Code.INVALID_ARGUMENT);
            assertThat(error.getStatus().getDescription()).isNotBlank();
        }
        assertThat(grammar("{\"type\":\"boolean\"}")).contains("true");
    }

    @Test
    void a_probe_comes_back_and_a_huge_one_is_refused() {
        var payload = ByteString.copyFrom(new byte[100_000]);
        assertThat(worker.control().probe(ProbeMessage.newBuilder().setPayload(payload).build()).getPayload())
                .isEqualTo(payload);
        assertThat(codeOf(() -> worker.control()
                .probe(ProbeMessage.newBuilder().setPayload(ByteString.copyFrom(new byte[9 << 20])).build())))
                .isEqualTo(Code.INVALID_ARGUMENT);
    }

    @Test
    void a_closed_worker_ends_its_streams_soon() throws IOException {
        worker.load(wholeModel(model, weights.address(), 1).build());
        var results = results(worker, 1);
        var link = open(worker, 1, 0);
        worker.node.close();
        assertThat(link.status.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(results.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
    }

    private String grammar(String schema) {
        return worker.control()
                .jsonSchemaToGrammar(JsonSchemaToGrammarRequest.newBuilder().setJsonSchema(schema).build())
                .getGrammar();
    }

    private int[] tokenize(String text, boolean addSpecial) {
        return Ints.toArray(worker.control()
                .tokenize(TokenizeRequest.newBuilder().setPipelineId(PIPELINE).setAddSpecial(addSpecial)
                        .addParts(Part.newBuilder().setText(text)).build())
                .getTokensList());
    }

    private static Received<StepResult> results(TestWorker tail, long epoch) {
        var results = new Received<StepResult>();
        tail.stage().results(ResultsRequest.newBuilder().setPipelineId(PIPELINE).setEpoch(epoch).build(), results);
        return results;
    }

    private static Link open(TestWorker worker, long epoch, int index) {
        var link = new Link(worker, epoch, index);
        assertThat(link.status.first().getOpened()).isTrue();
        return link;
    }

    private static Code codeOf(Runnable call) {
        return errorOf(call).getStatus().getCode();
    }

    private static StatusRuntimeException errorOf(Runnable call) {
        return catchThrowableOfType(StatusRuntimeException.class, call::run);
    }

    /** A link as the stage before, or the coordinator, holds it. */
    private static final class Link {
        final Received<LinkStatus> status = new Received<>();
        final StreamObserver<StepMessage> steps;

        Link(TestWorker worker, long epoch, int index) {
            steps = worker.stage().steps(status);
            steps.onNext(StepMessage.newBuilder()
                    .setOpen(LinkOpen.newBuilder().setPipelineId(PIPELINE).setEpoch(epoch).setStageIndex(index))
                    .build());
        }

        void send(Step.Builder step) {
            steps.onNext(StepMessage.newBuilder().setStep(step).build());
        }
    }
}

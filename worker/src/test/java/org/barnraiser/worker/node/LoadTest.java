package org.barnraiser.worker.node;

import io.grpc.Status.Code;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.LoadProgress;
import org.barnraiser.proto.LoadProgress.Phase;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.UnloadRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.worker.node.TestWorker.PIPELINE;
import static org.barnraiser.worker.node.TestWorker.wholeModel;
import static org.barnraiser.worker.stage.Steps.add;
import static org.barnraiser.worker.stage.Steps.step;

/** Shards that are brought up. */
class LoadTest extends WorkerCase {
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
            assertThat(error.getMessage()).contains("of memory, weights, cache and buffers")
                    .contains(megabytes(size));
            assertThat(weights.reads).hasValue(0);
        }
        try (var tight = new TestWorker(zooKeeper.getConnectString(), data, "tight", size + 1000)) {
            var error = errorOf(() -> tight.load(wholeModel(model, weights.address(), 1).build()));
            assertThat(error.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
            assertThat(error.getMessage()).contains("cache").contains(megabytes(size + 1000));
        }
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }

    @Test
    void what_the_plan_counts_beside_the_weights_is_counted_here_as_well() throws Exception {
        long size = Files.size(model.file());
        try (var roomy = new TestWorker(zooKeeper.getConnectString(), data, "roomy", size * 8)) {
            var error = errorOf(
                    () -> roomy.load(wholeModel(model, weights.address(), 1).setMemoryBytes(size * 9).build()));
            assertThat(error.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
            assertThat(error.getMessage()).contains(megabytes(size * 9));
            assertThat(weights.reads).as("nothing is fetched in vain").hasValue(0);
            assertThat(roomy.load(wholeModel(model, weights.address(), 1).setMemoryBytes(size * 5).build()).getLast()
                    .getPhase()).isEqualTo(Phase.READY);
            error = errorOf(() -> roomy.load(wholeModel(model, weights.address(), 1).setSlots(2)
                    .setExtent(LoadShardRequest.Extent.PREPARE).setMemoryBytes(size * 4).build()));
            assertThat(error.getMessage()).as("what runs has its share").contains(megabytes(size * 3));
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
                hostile("memory_bytes", request -> request.setMemoryBytes(-1)),
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
    void an_unloaded_stage_is_gone() {
        worker.load(wholeModel(model, weights.address(), 1).build());
        var link = open(worker, 1, 0);
        var request = UnloadRequest.newBuilder().setPipelineId(PIPELINE).setEpoch(1).build();
        assertThat(worker.control().unload(request).getUnloaded()).isTrue();
        assertThat(link.status.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(worker.control().unload(request).getUnloaded()).isFalse();
        assertThat(codeOf(() -> tokenize("x", false))).isEqualTo(Code.NOT_FOUND);
    }
}

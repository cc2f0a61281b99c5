package org.barnraiser.worker.node;

import io.grpc.Status.Code;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.HiddenStates.Encoding;
import org.barnraiser.proto.LoadProgress;
import org.barnraiser.proto.LoadProgress.Phase;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.LoadShardRequest.Extent;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.UnloadRequest;
import org.barnraiser.proto.UnloadResponse;
import org.barnraiser.worker.stage.TestModel;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.worker.node.TestWorker.PIPELINE;
import static org.barnraiser.worker.node.TestWorker.tail;
import static org.barnraiser.worker.node.TestWorker.wholeModel;
import static org.barnraiser.worker.stage.Steps.add;
import static org.barnraiser.worker.stage.Steps.step;

/** Loads that go only a part of the way: into the cache, or beside what runs. */
class ExtentTest extends WorkerCase {

    @Test
    void a_fetched_shard_is_on_disk_and_nowhere_else() {
        worker.load(fetch());
        assertThat(worker.control().describe(DescribeRequest.getDefaultInstance()).getShardsHeldList())
                .contains(model.spec(true, true).getShardId());
        assertThat(unload(model).getUnloaded()).isFalse();
        int reads = weights.reads.get();
        assertThat(worker.load(wholeModel(model, "127.0.0.1:1", 1).build()))
                .extracting(LoadProgress::getPhase).contains(Phase.LOADING, Phase.READY);
        assertThat(weights.reads).hasValue(reads);
    }

    @Test
    void a_fetch_needs_neither_pipeline_nor_settings() {
        var request = LoadShardRequest.newBuilder().setShard(model.spec(true, true)).setExtent(Extent.FETCH)
                .setWeightsAddress(weights.address()).build();
        assertThat(worker.load(request).getLast().getPhase()).isEqualTo(Phase.READY);
    }

    @Test
    void a_prepared_stage_runs_at_once() {
        worker.load(prepare(wholeModel(model, weights.address(), 1)));
        assertThat(codeOf(() -> tokenize("x", false))).isEqualTo(Code.NOT_FOUND);
        assertThat(worker.load(wholeModel(model, "127.0.0.1:1", 2).build()))
                .extracting(LoadProgress::getPhase).containsExactly(Phase.READY);
        var results = results(worker, 2);
        open(worker, 2, 0).send(add(step(1).setEpoch(2), 0, 0, Wanted.NOTHING, 5));
        assertThat(results.first().hasFailure()).isFalse();
        assertThat(unload(model).getUnloaded()).as("prepared still").isFalse();
    }

    @Test
    void a_prepared_stage_may_take_another_place_than_it_was_prepared_for() {
        worker.load(prepare(tail(model, weights.address(), 1)));
        var elsewhere = tail(model, "127.0.0.1:1", 7).setStageIndex(4).setStageCount(5).setWire(Encoding.Q8)
                .setPipelineId("another");
        assertThat(worker.load(elsewhere.build())).extracting(LoadProgress::getPhase).containsExactly(Phase.READY);
    }

    @Test
    void a_running_stage_may_take_another_place_without_loading_anew() {
        worker.load(tail(model, weights.address(), 1).build());
        var moved = tail(model, "127.0.0.1:1", 2).setStageIndex(2).setStageCount(3);
        assertThat(worker.load(moved.build())).extracting(LoadProgress::getPhase).containsExactly(Phase.READY);
        assertThat(open(worker, 2, 2).status.hasEnded()).isFalse();
    }

    @Test
    void other_settings_mean_loading_anew() {
        worker.load(prepare(wholeModel(model, weights.address(), 1)));
        assertThat(worker.load(wholeModel(model, weights.address(), 1).setSlots(2).build()))
                .extracting(LoadProgress::getPhase).contains(Phase.LOADING);
    }

    @Test
    void preparing_again_is_done_at_once_whether_it_runs_or_not() {
        worker.load(prepare(wholeModel(model, weights.address(), 1)));
        assertThat(worker.load(prepare(wholeModel(model, "127.0.0.1:1", 1)))).hasSize(1);
        worker.load(wholeModel(model, "127.0.0.1:1", 1).build());
        assertThat(worker.load(prepare(wholeModel(model, "127.0.0.1:1", 1)))).hasSize(1);
        assertThat(unload(model).getUnloaded()).isFalse();
    }

    @Test
    void neither_preparing_nor_fetching_fences_an_epoch() {
        worker.load(prepare(wholeModel(model, weights.address(), 9)));
        worker.load(wholeModel(model, weights.address(), 9).setExtent(Extent.FETCH).build());
        assertThat(worker.load(wholeModel(model, weights.address(), 1).build()).getLast().getPhase())
                .isEqualTo(Phase.READY);
    }

    @Test
    void what_does_not_fit_beside_the_running_stage_is_refused_and_that_goes_on() throws Exception {
        long size = Files.size(model.file());
        try (var tight = new TestWorker(zooKeeper.getConnectString(), data, "tight", size * 3 / 2)) {
            tight.load(wholeModel(model, weights.address(), 1).build());
            var results = results(tight, 1);
            var link = open(tight, 1, 0);
            var error = errorOf(() -> tight.load(prepare(wholeModel(model, weights.address(), 1).setSlots(2))));
            assertThat(error.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
            assertThat(error.getMessage()).contains("only").contains("free");
            link.send(add(step(1), 0, 0, Wanted.NOTHING, 5));
            assertThat(results.first().hasFailure()).isFalse();
        }
    }

    @Test
    void what_runs_takes_the_memory_of_what_is_only_prepared() throws Exception {
        long size = Files.size(model.file());
        try (var tight = new TestWorker(zooKeeper.getConnectString(), data, "tight", size * 3 / 2)) {
            tight.load(prepare(wholeModel(model, weights.address(), 1)));
            tight.load(wholeModel(model, weights.address(), 1).setSlots(2).build());
            assertThat(tight.control().unload(unloadShard(model)).getUnloaded()).isFalse();
        }
    }

    @Test
    void a_draft_gives_way_to_what_runs_and_takes_the_memory_of_nothing() throws Exception {
        long size = Files.size(model.file());
        try (var tight = new TestWorker(zooKeeper.getConnectString(), data, "tight", size * 3 / 2)) {
            var draft = wholeModel(model, weights.address(), 1).setPipelineId("draft").setDraft(true).build();
            tight.load(draft);
            assertThat(tight.load(wholeModel(model, weights.address(), 1).setSlots(2).build()).getLast().getPhase())
                    .isEqualTo(Phase.READY);
            assertThat(codeOf(() -> tight.load(draft.toBuilder().setEpoch(2).build())))
                    .isEqualTo(Code.RESOURCE_EXHAUSTED);
            var results = results(tight, 1);
            open(tight, 1, 0).send(add(step(1), 0, 0, Wanted.NOTHING, 5));
            assertThat(results.first().hasFailure()).as("the stage still runs").isFalse();
        }
    }

    @Test
    void what_runs_stays_until_its_successor_is_in_place() throws Exception {
        worker.load(wholeModel(model, weights.address(), 1).build());
        var results = results(worker, 1);
        var link = open(worker, 1, 0);
        TestModel demo = TestModel.demo();
        try (var slow = new ModelWeights(demo)) {
            slow.stalls = true;
            var progress = new Received<LoadProgress>();
            worker.asyncControl().loadShard(wholeModel(demo, slow.address(), 2).build(), progress);
            assertThat(slow.stalled.await(30, TimeUnit.SECONDS)).isTrue();
            link.send(add(step(1), 0, 0, Wanted.NOTHING, 5));
            assertThat(results.first().hasFailure()).isFalse();
            slow.stalls = false;
            worker.load(wholeModel(demo, slow.address(), 3).build());
            assertThat(link.status.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
            assertThat(results.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        }
    }

    @Test
    void a_fetch_lets_what_is_to_run_go_first_and_goes_on_afterwards() throws Exception {
        TestModel demo = TestModel.demo();
        try (var slow = new ModelWeights(demo)) {
            slow.stalls = true;
            var fetching = new Received<LoadProgress>();
            worker.asyncControl().loadShard(
                    wholeModel(demo, slow.address(), 1).setExtent(Extent.FETCH).build(), fetching);
            assertThat(slow.stalled.await(30, TimeUnit.SECONDS)).isTrue();
            slow.stalls = false;
            assertThat(worker.load(wholeModel(model, weights.address(), 1).build()).getLast().getPhase())
                    .isEqualTo(Phase.READY);
            assertThat(fetching.awaitEnd().getCode()).isEqualTo(Code.OK);
            assertThat(worker.control().describe(DescribeRequest.getDefaultInstance()).getShardsHeldList())
                    .contains(demo.spec(true, true).getShardId());
        }
    }

    @Test
    void a_fetch_that_is_cancelled_stops() throws Exception {
        weights.stalls = true;
        var fetching = new Received<LoadProgress>();
        var call = io.grpc.Context.current().withCancellation();
        call.run(() -> worker.asyncControl().loadShard(fetch(), fetching));
        assertThat(weights.stalled.await(30, TimeUnit.SECONDS)).isTrue();
        call.cancel(null);
        fetching.awaitEnd();
        weights.stalls = false;
        assertThat(worker.load(fetch()).getLast().getPhase()).isEqualTo(Phase.READY);
    }

    @Test
    void a_prepared_stage_is_unloaded_by_its_shard_and_a_running_one_is_not() {
        worker.load(prepare(wholeModel(model, weights.address(), 1)));
        assertThat(unload(model).getUnloaded()).isTrue();
        assertThat(unload(model).getUnloaded()).isFalse();
        worker.load(wholeModel(model, weights.address(), 1).build());
        assertThat(unload(model).getUnloaded()).isFalse();
        assertThat(worker.control().unload(UnloadRequest.newBuilder().setPipelineId(PIPELINE).setEpoch(1).build())
                .getUnloaded()).isTrue();
        assertThat(codeOf(() -> worker.control().unload(UnloadRequest.getDefaultInstance())))
                .isEqualTo(Code.INVALID_ARGUMENT);
    }

    private LoadShardRequest fetch() {
        return wholeModel(model, weights.address(), 1).setExtent(Extent.FETCH).build();
    }

    private static LoadShardRequest prepare(LoadShardRequest.Builder request) {
        return request.setExtent(Extent.PREPARE).build();
    }

    private UnloadResponse unload(TestModel which) {
        return worker.control().unload(unloadShard(which));
    }

    private static UnloadRequest unloadShard(TestModel which) {
        return UnloadRequest.newBuilder().setShardId(which.spec(true, true).getShardId()).build();
    }
}

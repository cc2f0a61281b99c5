package org.barnraiser.worker.node;

import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.barnraiser.proto.LinkStatus;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.StepFailure.Kind;
import org.barnraiser.proto.StepMessage;
import org.barnraiser.proto.StepResult;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.worker.node.TestWorker.wholeModel;
import static org.barnraiser.worker.stage.Steps.add;
import static org.barnraiser.worker.stage.Steps.begin;
import static org.barnraiser.worker.stage.Steps.greedy;
import static org.barnraiser.worker.stage.Steps.step;

/** Links, steps and results. */
class StepsTest extends WorkerCase {
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
    void streams_that_do_not_begin_with_an_open_link_are_refused() {
        var status = new Received<LinkStatus>();
        StreamObserver<StepMessage> steps = worker.stage().steps(status);
        steps.onNext(StepMessage.newBuilder().setStep(step(1)).build());
        assertThat(status.awaitEnd().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(new Link(worker, 1, 0).status.awaitEnd().getCode()).isEqualTo(Code.NOT_FOUND);
        assertThat(results(worker, 1).awaitEnd().getCode()).isEqualTo(Code.NOT_FOUND);
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
    void a_closed_worker_ends_its_streams_soon() throws IOException {
        worker.load(wholeModel(model, weights.address(), 1).build());
        var results = results(worker, 1);
        var link = open(worker, 1, 0);
        worker.node.close();
        assertThat(link.status.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(results.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
    }
}

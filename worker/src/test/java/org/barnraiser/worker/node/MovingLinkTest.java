package org.barnraiser.worker.node;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;
import org.barnraiser.trust.Admission;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Role;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.barnraiser.worker.node.TestWorker.PIPELINE;
import static org.barnraiser.worker.node.TestWorker.wholeModel;
import static org.barnraiser.worker.stage.Steps.add;
import static org.barnraiser.worker.stage.Steps.begin;
import static org.barnraiser.worker.stage.Steps.greedy;
import static org.barnraiser.worker.stage.Steps.step;

/** Links that go on where another ends. */
class MovingLinkTest extends WorkerCase {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CONTEXT = 128;

    private static Step.Builder next(int number) {
        return number == 1
                ? add(step(1).addEdits(begin(0, 1, greedy())), 0, 0, Wanted.SAMPLE, 5)
                : add(step(number), 0, number - 1, Wanted.SAMPLE, 5 + number % 7);
    }

    private static void assertAllThere(List<StepResult> results, int count) {
        assertThat(results).extracting(StepResult::getNumber)
                .containsExactlyElementsOf(LongStream.rangeClosed(1, count).boxed().toList());
        assertThat(results).noneMatch(StepResult::hasFailure);
    }

    private Received<StepResult> loaded() {
        worker.load(wholeModel(model, weights.address(), 1).build());
        return results(worker, 1);
    }

    @Test
    void what_comes_by_the_second_link_waits_for_all_that_comes_by_the_first() {
        var results = loaded();
        var first = open(worker, 1, 0);
        first.send(next(1));
        var second = Link.replacing(worker, 1, 0);
        assertThat(second.status.first().getOpened()).isTrue();
        second.send(next(3));
        first.send(next(2));
        assertThat(results.await(2)).hasSize(2);
        first.steps.onCompleted();
        assertAllThere(results.await(3), 3);
        assertThat(first.status.awaitEnd().getCode()).isEqualTo(Code.OK);
        assertThat(second.status.hasEnded()).isFalse();
    }

    @Test
    void as_many_moves_as_there_are_steps_lose_none() {
        var results = loaded();
        var link = open(worker, 1, 0);
        for (int number = 1; number <= CONTEXT; number++) {
            link.send(next(number));
            if (number % 2 == 0) {
                var other = Link.replacing(worker, 1, 0);
                assertThat(other.status.first().getOpened()).isTrue();
                link.steps.onCompleted();
                link = other;
            }
        }
        assertAllThere(results.await(CONTEXT), CONTEXT);
    }

    @Test
    void the_way_on_outlives_the_link_that_began_it() throws Exception {
        try (var second = new TestWorker(zooKeeper.getConnectString(), data, "two", PLENTY)) {
            second.load(TestWorker.tail(model, weights.address(), 1).build());
            worker.load(TestWorker.head(model, weights.address(), 1, second.node.address()).build());
            var results = results(second, 1);
            var first = open(worker, 1, 0);
            first.send(next(1));
            assertAllThere(results.await(1), 1);
            var other = Link.replacing(worker, 1, 0);
            assertThat(other.status.first().getOpened()).isTrue();
            first.steps.onCompleted();
            assertThat(first.status.awaitEnd().getCode()).isEqualTo(Code.OK);
            for (int number = 2; number < 10; number++) {
                other.send(next(number));
                results.await(number);
            }
            assertAllThere(results.messages, 9);
            assertThat(other.status.hasEnded()).isFalse();
        }
    }

    @Test
    void a_link_that_breaks_while_another_waits_for_it_takes_that_one_along() {
        loaded();
        var first = open(worker, 1, 0);
        var second = Link.replacing(worker, 1, 0);
        assertThat(second.status.first().getOpened()).isTrue();
        first.steps.onError(Status.CANCELLED.asException());
        assertThat(second.status.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
    }

    @Test
    void a_link_that_waits_and_gives_up_leaves_the_first_as_it_was() {
        var results = loaded();
        var first = open(worker, 1, 0);
        var second = Link.replacing(worker, 1, 0);
        assertThat(second.status.first().getOpened()).isTrue();
        second.steps.onError(Status.CANCELLED.asException());
        second.status.awaitEnd();
        first.send(next(1));
        first.send(next(2));
        assertAllThere(results.await(2), 2);
        var third = Link.replacing(worker, 1, 0);
        assertThat(third.status.first().getOpened()).isTrue();
    }

    @Test
    void while_one_waits_no_other_does() {
        var results = loaded();
        var first = open(worker, 1, 0);
        var second = Link.replacing(worker, 1, 0);
        assertThat(second.status.first().getOpened()).isTrue();
        assertThat(Link.replacing(worker, 1, 0).status.awaitEnd().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
        first.send(next(1));
        first.steps.onCompleted();
        second.send(next(2));
        assertAllThere(results.await(2), 2);
    }

    @Test
    void where_nothing_is_open_nothing_is_replaced() {
        loaded();
        assertThat(Link.replacing(worker, 1, 0).status.awaitEnd().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
        open(worker, 1, 0).steps.onCompleted();
        await().atMost(PATIENCE).until(() -> Link.replacing(worker, 1, 0).status.awaitEnd().getCode(),
                Code.FAILED_PRECONDITION::equals);
        open(worker, 1, 0);
        assertThat(Link.replacing(worker, 2, 0).status.awaitEnd().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
    }

    @Test
    void a_sender_moves_to_better_ways_between_its_steps() throws Exception {
        var results = loaded();
        var links = new EverBetter();
        var heard = new Heard();
        try (var link = GrpcLink.dialer(new Channels(links), Duration.ofMillis(1)).dial(worker.node.address(), PIPELINE,
                1, 0, heard)) {
            heard.opened.get();
            int sent = 0;
            for (int moves = 1; moves <= 4; moves++) {
                int wanted = moves;
                await().atMost(PATIENCE).until(() -> links.closed() >= wanted);
                for (int i = 0; i < CONTEXT / 4; i++) {
                    link.send(next(++sent).build(), true);
                }
            }
            assertAllThere(results.await(CONTEXT), CONTEXT);
            await().atMost(PATIENCE).until(() -> heard.received.size() == CONTEXT);
            assertThat(heard.received).isSorted();
            assertThat(heard.broken).isNotDone();

            worker.node.close();
            assertThat(heard.broken.get()).contains("next stage");
        }
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(links.made).allMatch(ManagedChannel::isTerminated));
        assertThat(heard.timesOpened).hasValue(1);
    }

    private static final class Heard implements NextStageLink.Listener {
        private final CompletableFuture<Boolean> opened = new CompletableFuture<>();
        private final AtomicInteger timesOpened = new AtomicInteger();
        private final List<Long> received = new CopyOnWriteArrayList<>();
        private final CompletableFuture<String> broken = new CompletableFuture<>();

        @Override
        public void onOpened() {
            timesOpened.incrementAndGet();
            opened.complete(true);
        }

        @Override
        public void onReceived(long number) {
            received.add(number);
        }

        @Override
        public void onBroken(String reason) {
            broken.complete(reason);
        }
    }

    /** Whatever connection there is, another one is better. */
    private static final class EverBetter implements Links {
        private final List<ManagedChannel> made = new CopyOnWriteArrayList<>();

        long closed() {
            return made.stream().filter(ManagedChannel::isTerminated).count();
        }

        @Override
        public ManagedChannel to(String address, Set<Role> wanted, Consumer<NettyChannelBuilder> options) {
            ManagedChannel channel = PLAIN.to(address, wanted, options);
            made.add(channel);
            return channel;
        }

        @Override
        public Optional<ManagedChannel> better(ManagedChannel than, String address, Set<Role> wanted,
                Consumer<NettyChannelBuilder> options) {
            return Optional.of(to(address, wanted, options));
        }

        @Override
        public NettyServerBuilder at(InetSocketAddress listen, Admission admission) {
            return PLAIN.at(listen, admission);
        }

        @Override
        public Channel expecting(String id, Channel channel) {
            return PLAIN.expecting(id, channel);
        }

        @Override
        public boolean areSecure() {
            return false;
        }
    }
}

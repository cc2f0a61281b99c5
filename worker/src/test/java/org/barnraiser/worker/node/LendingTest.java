package org.barnraiser.worker.node;

import com.google.protobuf.util.JsonFormat;
import io.grpc.Status.Code;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.awaitility.Awaitility;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.LendRequest;
import org.barnraiser.proto.LoadProgress;
import org.barnraiser.proto.LoadProgress.Phase;
import org.barnraiser.proto.LoadShardRequest.Extent;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.UnloadRequest;
import org.barnraiser.proto.Wish;
import org.barnraiser.proto.WorkerRecord;
import org.barnraiser.worker.lend.LendingHours;
import org.barnraiser.worker.lend.PowerSupply;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.worker.node.TestWorker.PIPELINE;
import static org.barnraiser.worker.node.TestWorker.wholeModel;
import static org.barnraiser.worker.stage.Steps.add;
import static org.barnraiser.worker.stage.Steps.step;

/** The owner wants the machine back, or gives it. */
class LendingTest extends WorkerCase {
    private static final ZoneId UTC = ZoneId.of("UTC");
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    @Test
    void the_cluster_hears_at_once_of_what_the_owner_wants() throws Exception {
        assertThat(worker.node.awaitRegistered(60)).isTrue();
        WorkerRecord record = lend(Wish.WISH_LEAVE);
        assertThat(record.getWish()).isEqualTo(Wish.WISH_LEAVE);
        assertThat(record.getWishReason()).isNotEmpty();
        awaitRegistered(Wish.WISH_LEAVE);
        lend(Wish.WISH_LEND);
        awaitRegistered(Wish.WISH_LEND);
    }

    @Test
    void a_machine_that_leaves_goes_on_serving_and_takes_nothing_new() {
        worker.load(wholeModel(model, weights.address(), 1).build());
        worker.load(wholeModel(model, weights.address(), 1).setSlots(2).setExtent(Extent.PREPARE).build());
        lend(Wish.WISH_LEAVE);
        var results = results(worker, 1);
        open(worker, 1, 0).send(add(step(1), 0, 0, Wanted.NOTHING, 5));
        assertThat(results.first().hasFailure()).isFalse();
        for (var refused : List.of(wholeModel(model, weights.address(), 2).setExtent(Extent.FETCH),
                wholeModel(model, weights.address(), 2).setExtent(Extent.PREPARE),
                wholeModel(model, weights.address(), 2).setPipelineId("another"))) {
            var error = errorOf(() -> worker.load(refused.build()));
            assertThat(error.getStatus().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
            assertThat(error.getMessage()).contains("leaving");
        }
        assertThat(worker.load(wholeModel(model, weights.address(), 2).build()).getLast().getPhase())
                .as("what runs is renewed").isEqualTo(Phase.READY);
        Awaitility.await("what is only prepared is let go").atMost(DEADLINE)
                .until(() -> !worker.control().unload(unloadShard()).getUnloaded());
    }

    @Test
    void a_machine_that_is_taken_back_is_free_soon_and_takes_nothing_until_it_is_given_again() {
        worker.load(wholeModel(model, weights.address(), 1).build());
        var results = results(worker, 1);
        var link = open(worker, 1, 0);
        lend(Wish.WISH_RECLAIM);
        link.send(add(step(1), 0, 0, Wanted.NOTHING, 5));
        assertThat(results.first().hasFailure()).as("the coordinator has some seconds").isFalse();
        assertThat(link.status.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(results.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(worker.node.runsSomething()).isFalse();
        for (Extent extent : List.of(Extent.RUN, Extent.PREPARE, Extent.FETCH)) {
            var error = errorOf(() -> worker.load(wholeModel(model, weights.address(), 2).setExtent(extent).build()));
            assertThat(error.getStatus().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
            assertThat(error.getMessage()).contains("taken back");
        }
        lend(Wish.WISH_LEND);
        Awaitility.await().atMost(DEADLINE).ignoreExceptions().until(
                () -> worker.load(wholeModel(model, weights.address(), 2).build()).getLast()
                        .getPhase() == Phase.READY);
    }

    @Test
    void taking_the_machine_back_ends_what_is_being_loaded() throws Exception {
        weights.stalls = true;
        var loading = new Received<LoadProgress>();
        worker.asyncControl().loadShard(wholeModel(model, weights.address(), 1).build(), loading);
        assertThat(weights.stalled.await(30, TimeUnit.SECONDS)).isTrue();
        lend(Wish.WISH_RECLAIM);
        assertThat(loading.awaitEnd().getCode()).isEqualTo(Code.ABORTED);
    }

    @Test
    void a_machine_that_is_given_again_in_time_keeps_its_layers() {
        worker.load(wholeModel(model, weights.address(), 1).build());
        lend(Wish.WISH_RECLAIM);
        lend(Wish.WISH_LEND);
        var link = open(worker, 1, 0);
        Awaitility.await().during(Departure.GRACE.plusSeconds(2)).atMost(DEADLINE)
                .until(() -> worker.node.runsSomething() && !link.status.hasEnded());
    }

    @Test
    void an_unknown_wish_is_refused() {
        assertThat(codeOf(() -> worker.control().lend(LendRequest.newBuilder().setWishValue(9).build())))
                .isEqualTo(Code.INVALID_ARGUMENT);
    }

    @Test
    void draining_waits_until_the_layers_are_elsewhere() throws Exception {
        assertThat(worker.node.drain(Duration.ofSeconds(30))).as("nothing runs").isTrue();
        lend(Wish.WISH_LEND);
        worker.load(wholeModel(model, weights.address(), 1).build());
        assertThat(worker.node.drain(Duration.ofMillis(50))).isFalse();
        assertThat(worker.control().describe(DescribeRequest.getDefaultInstance()).getWish())
                .isEqualTo(Wish.WISH_LEAVE);
        Thread unloading = Thread.ofVirtual().start(() -> worker.control()
                .unload(UnloadRequest.newBuilder().setPipelineId(PIPELINE).setEpoch(1).build()));
        assertThat(worker.node.drain(Duration.ofSeconds(60))).isTrue();
        unloading.join();
    }

    @Test
    void outside_its_hours_a_worker_registers_and_takes_nothing() throws Exception {
        var closed = LendingHours.parse("00:00-00:01", ZoneId.ofOffset("", farFromMidnight()), Duration.ofSeconds(1));
        try (var evening = new TestWorker(zooKeeper.getConnectString(), data, "evening", PLENTY,
                Optional.of(closed))) {
            WorkerRecord record = evening.control().describe(DescribeRequest.getDefaultInstance());
            assertThat(record.getWish()).isEqualTo(Wish.WISH_RECLAIM);
            assertThat(record.getWishReason()).isEqualTo("lent 00:00–00:01");
            assertThat(codeOf(() -> evening.load(wholeModel(model, weights.address(), 1).build())))
                    .isEqualTo(Code.FAILED_PRECONDITION);
        }
    }

    @Test
    void on_its_battery_a_laptop_rests_and_goes_on_when_it_is_plugged_in_again() throws Exception {
        Path supplies = data.resolve("supplies");
        supply(supplies, "BAT0", "type=Battery", "status=Discharging");
        supply(supplies, "AC", "type=Mains", "online=0");
        try (var laptop = new TestWorker(zooKeeper.getConnectString(), data, "laptop", PLENTY, Optional.empty(),
                Optional.of(new PowerSupply(supplies)), OptionalLong.empty())) {
            WorkerRecord record = laptop.control().describe(DescribeRequest.getDefaultInstance());
            assertThat(record.getWish()).isEqualTo(Wish.WISH_RECLAIM);
            assertThat(record.getWishReason()).isEqualTo("it runs on its battery");
            supply(supplies, "AC", "type=Mains", "online=1");
            Awaitility.await().atMost(DEADLINE).until(() -> laptop.control()
                    .describe(DescribeRequest.getDefaultInstance()).getWish() == Wish.WISH_LEND);
        }
    }

    @Test
    void only_a_battery_of_the_machine_s_own_that_is_used_up_counts() throws Exception {
        Path supplies = data.resolve("supplies");
        var power = new PowerSupply(supplies);
        assertThat(power.isBattery()).as("nothing is told").isFalse();
        supply(supplies, "mouse", "type=Battery", "scope=Device", "status=Discharging");
        assertThat(power.isBattery()).as("a mouse").isFalse();
        supply(supplies, "BAT0", "type=Battery", "status=Full");
        assertThat(power.isBattery()).isFalse();
        supply(supplies, "BAT0", "type=Battery", "status=Discharging");
        assertThat(power.isBattery()).isTrue();
        supply(supplies, "ucsi", "type=USB", "online=1");
        assertThat(power.isBattery()).as("a plug that gives less than is used").isFalse();
    }

    private static void supply(Path supplies, String name, String... facts) throws Exception {
        Path folder = Files.createDirectories(supplies.resolve(name));
        for (String fact : facts) {
            Files.writeString(folder.resolve(fact.substring(0, fact.indexOf('='))),
                    fact.substring(fact.indexOf('=') + 1) + "\n");
        }
    }

    @Test
    void what_a_person_says_and_what_the_hours_say_go_together() throws Exception {
        var now = new Instant[]{Instant.parse("2026-11-23T19:00:00Z")};
        var lending = new Lending(
                Optional.of(LendingHours.parse("Mon-Fri 18:00-08:00", UTC, Duration.ofMinutes(2))), () -> false,
                () -> now[0]);
        assertThat(lending.now()).isEqualTo(new Lending.State(Wish.WISH_LEND, "lent Mon–Fri 18:00–08:00"));
        lending.say(Wish.WISH_RECLAIM, "mine");
        assertThat(lending.now()).isEqualTo(new Lending.State(Wish.WISH_RECLAIM, "mine"));
        now[0] = Instant.parse("2026-11-24T19:00:00Z");
        assertThat(lending.now().wish()).as("the next evening").isEqualTo(Wish.WISH_RECLAIM);
        lending.leave("stopping");
        assertThat(lending.now().wish()).as("leaving takes nothing back").isEqualTo(Wish.WISH_RECLAIM);
        lending.say(Wish.WISH_LEND, "");
        assertThat(lending.now().wish()).isEqualTo(Wish.WISH_LEND);
        now[0] = Instant.parse("2026-11-25T07:58:30Z");
        assertThat(lending.now().wish()).isEqualTo(Wish.WISH_LEAVE);
        now[0] = Instant.parse("2026-11-25T12:00:00Z");
        assertThat(lending.now().wish()).as("given, but outside the hours").isEqualTo(Wish.WISH_RECLAIM);
    }

    /** An offset in which it is about noon. */
    private static ZoneOffset farFromMidnight() {
        int hour = Instant.now().atZone(UTC).getHour();
        return ZoneOffset.ofHours(12 - hour);
    }

    private WorkerRecord lend(Wish wish) {
        return worker.control().lend(LendRequest.newBuilder().setWish(wish).build()).getRecord();
    }

    private UnloadRequest unloadShard() {
        return UnloadRequest.newBuilder().setShardId(model.spec(true, true).getShardId()).build();
    }

    private void awaitRegistered(Wish wish) {
        try (CuratorFramework client = CuratorFrameworkFactory.newClient(zooKeeper.getConnectString(),
                new RetryOneTime(100))) {
            client.start();
            Awaitility.await().atMost(DEADLINE).until(() -> {
                String node = client.getChildren().forPath(Registration.FOLDER).getFirst();
                byte[] json = client.getData().forPath(Registration.FOLDER + "/" + node);
                var record = WorkerRecord.newBuilder();
                JsonFormat.parser().merge(new String(json, StandardCharsets.UTF_8), record);
                return record.getWish() == wish;
            });
        }
    }
}

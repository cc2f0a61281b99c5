package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.plan.Hop;
import org.barnraiser.coordinator.plan.Link;
import org.barnraiser.coordinator.plan.Links;
import org.barnraiser.proto.EstimateRecord;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.WorkerRecord;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SlowLinksTest {
    private static final Duration USUAL = Duration.ofSeconds(2);
    private static final Rollout ROLLOUT = new Rollout(
            PlanRecord.newBuilder().setEstimate(EstimateRecord.newBuilder().setTokenSeconds(0.08)).build(),
            ImmutableList.of(stage("attic"), stage("hall"), stage("cellar")), ImmutableList.of(), ImmutableList.of());

    private static Rollout.Stage stage(String worker) {
        return new Rollout.Stage(WorkerRecord.newBuilder().setWorkerId(worker).setIncarnationId(worker + "-1")
                .setAddress(worker.equals("cellar") ? "192.0.2.9:7071" : worker + ":7071").build(),
                LoadShardRequest.newBuilder().setShard(ShardSpec.newBuilder().setEmbeddingLength(4096)).build());
    }

    /** From the attic to the hall. */
    private static Links measured(Link link) {
        return new Links(ImmutableMap.of(new Hop("attic-1", "hall-1"), link), Link.USUAL);
    }

    @Test
    void the_machine_is_named_whose_link_takes_much_of_a_token_s_time() {
        Links slow = measured(new Link(0.026, 2.5e6));
        assertThat(SlowLinks.note(ROLLOUT, "attic-1", slow, 0)).contains(
                "Its link slows answers: the way to hall takes 26 ms of the 80 ms for each token.");
        assertThat(SlowLinks.note(ROLLOUT, "attic-1", slow, 10)).as("measured").contains(
                "Its link slows answers: the way to hall takes 26 ms of the 100 ms for each token.");
        assertThat(SlowLinks.note(ROLLOUT, "attic-1", slow, 1)).as("the machines are slower").isEmpty();
        assertThat(SlowLinks.note(ROLLOUT, "hall-1", slow, 0)).as("nothing is known of it").isEmpty();
        assertThat(SlowLinks.note(ROLLOUT, "cellar-1", slow, 0)).as("the tail").isEmpty();
        assertThat(SlowLinks.note(ROLLOUT, "attic-1", measured(new Link(0.001, 1e9)), 900))
                .as("nobody notices a millisecond").isEmpty();
    }

    @Test
    void a_pipeline_may_be_silent_for_as_long_as_its_longest_way_asks_for() {
        RoundTrips trips = new RoundTrips();
        assertThat(SlowLinks.silence(USUAL, ROLLOUT, Links.USUAL, trips)).isEqualTo(USUAL);
        assertThat(SlowLinks.silence(USUAL, ROLLOUT, measured(new Link(0.05, 1e6)), trips)).as("a round trip of 100 ms")
                .isEqualTo(USUAL.plusMillis(700));
        trips.learn("192.0.2.9:7071", TimeUnit.MILLISECONDS.toNanos(300));
        trips.learn("192.0.2.9:7071", TimeUnit.MILLISECONDS.toNanos(300));
        assertThat(SlowLinks.silence(USUAL, ROLLOUT, measured(new Link(0.05, 1e6)), trips))
                .as("the coordinator is further from the cellar").isEqualTo(USUAL.plusMillis(2_100));
    }

    @Test
    void a_large_step_may_be_on_a_thin_line_for_as_long_as_it_takes() {
        assertThat(SlowLinks.stall(USUAL, ROLLOUT, Links.USUAL, 256)).isBetween(USUAL, USUAL.plusMillis(100));
        assertThat(SlowLinks.stall(USUAL, ROLLOUT, measured(new Link(0.02, 625_000)), 256)).as("at 5 Mbit/s")
                .isBetween(Duration.ofSeconds(15), Duration.ofSeconds(16));
    }
}

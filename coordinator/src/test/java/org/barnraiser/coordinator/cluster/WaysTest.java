package org.barnraiser.coordinator.cluster;

import org.barnraiser.coordinator.plan.Hop;
import org.barnraiser.coordinator.plan.Link;
import org.barnraiser.proto.ReachResponse;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WaysTest {
    private static final Hop HOP = new Hop("a", "b");

    private final Ways ways = new Ways();

    @Test
    void a_way_is_as_good_as_it_was_measured_and_all_others_are_usual() {
        ways.onReached(HOP, answer(20_000, 1e6));
        assertThat(ways.isKnown(HOP)).isTrue();
        assertThat(ways.links().known()).containsOnlyKeys(HOP);
        assertThat(ways.links().known()).containsEntry(HOP, new Link(0.01, 1e6));
        assertThat(ways.links().usual()).isEqualTo(Link.USUAL);
    }

    @Test
    void a_busy_moment_does_not_make_a_way_longer() {
        ways.onReached(HOP, answer(1_000, 5e6));
        ways.onReached(HOP, answer(80_000, 0));
        assertThat(ways.links().known()).containsEntry(HOP, new Link(0.0005, 5e6));
    }

    @Test
    void what_cannot_be_is_passed_over() {
        ways.onReached(HOP, answer(0, 1e6));
        ways.onReached(HOP, answer(-1, 1e6));
        ways.onReached(HOP, answer(1_000, 0));
        ways.onReached(HOP, answer(1_000, Double.NaN));
        ways.onReached(HOP, answer(1_000, Double.POSITIVE_INFINITY));
        assertThat(ways.isKnown(HOP)).isFalse();
    }

    @Test
    void only_so_many_are_remembered() {
        for (int i = 0; i < 5_000; i++) {
            ways.onReached(new Hop("a", "b" + i), answer(1_000, 1e6));
        }
        assertThat(ways.links().known()).hasSize(4_096).doesNotContainKey(new Hop("a", "b0"));
    }

    private static ReachResponse answer(long micros, double bytesPerSecond) {
        return ReachResponse.newBuilder().setReached(true).setRoundTripMicros(micros)
                .setBytesPerSecond(bytesPerSecond).build();
    }
}

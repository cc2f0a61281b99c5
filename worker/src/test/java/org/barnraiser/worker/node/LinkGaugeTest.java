package org.barnraiser.worker.node;

import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.HiddenStates.Encoding;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** In a time of its own. Steps are of 64 tokens with 4096 values each, or of one. */
class LinkGaugeTest {
    private static final long LARGE_BYTES = 64 * 4096 * 4;
    private static final long ROUND_TRIP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private long nanos;
    private long number;
    private final LinkGauge gauge = new LinkGauge(() -> nanos);

    @Test
    void a_quick_link_carries_exact_states_however_long_its_way_is() {
        run(50, 1, 100);
        assertThat(gauge.encoding()).isEqualTo(Encoding.F32);
    }

    @Test
    void a_link_that_costs_more_than_a_tenth_of_the_stage_s_time_carries_half_as_much() {
        run(50, 11, 100);
        assertThat(gauge.encoding()).isEqualTo(Encoding.F16);
    }

    @Test
    void a_link_that_has_become_quicker_carries_exact_states_again() {
        run(50, 50, 100);
        run(50, 1, 100);
        assertThat(gauge.encoding()).isEqualTo(Encoding.F32);
    }

    @Test
    void a_neighbour_that_is_busy_at_times_is_not_taken_for_a_slow_link() {
        for (int i = 0; i < 50; i++) {
            run(LinkGauge.MEASUREMENTS - 1, 60, 100);
            run(1, 1, 100);
            assertThat(gauge.encoding()).isEqualTo(Encoding.F32);
        }
    }

    @Test
    void nothing_is_concluded_from_little() {
        run(LinkGauge.MEASUREMENTS - 1, 60, 100);
        assertThat(gauge.encoding()).isEqualTo(Encoding.F32);
    }

    @Test
    void only_what_was_asked_for_counts() {
        gauge.onReceived(7);
        assertThat(gauge.onSend(1, 100, 100, 100)).isTrue();
        assertThat(gauge.onSend(2, LARGE_BYTES, LARGE_BYTES, 100)).as("one at a time").isFalse();
        gauge.onReceived(2);
        gauge.onReceived(1);
        assertThat(gauge.onSend(3, LARGE_BYTES, LARGE_BYTES, 100)).isTrue();
    }

    /** Many steps, large and small by turns, with so many milliseconds for a large one's exact states. */
    private void run(int steps, long exactTransferMillis, long computeMillis) {
        for (int i = 0; i < steps; i++) {
            send(LARGE_BYTES / 64, exactTransferMillis, computeMillis / 10);
            send(LARGE_BYTES, exactTransferMillis, computeMillis * 19 / 10);
        }
    }

    private void send(long exactBytes, long exactTransferMillis, long computeMillis) {
        long bytes = gauge.encoding() == Encoding.F32 ? exactBytes : exactBytes / 2;
        nanos += TimeUnit.MILLISECONDS.toNanos(computeMillis);
        boolean asked = gauge.onSend(++number, bytes, exactBytes, TimeUnit.MILLISECONDS.toNanos(computeMillis));
        if (asked) {
            nanos += ROUND_TRIP_NANOS + TimeUnit.MILLISECONDS.toNanos(exactTransferMillis) * 2 * bytes / LARGE_BYTES;
            gauge.onReceived(number);
        }
    }
}

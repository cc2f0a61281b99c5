package org.barnraiser.trust.reach;

import java.net.InetAddress;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** In a time of its own. */
class FootingTest {
    private static final Set<InetAddress> HOME = Set.of(InetAddress.ofLiteral("192.168.1.20"));
    private static final Set<InetAddress> CAFE = Set.of(InetAddress.ofLiteral("10.3.0.7"));

    private Instant now = Instant.parse("2026-11-22T20:00:00Z");
    private final Footing footing = new Footing(now, HOME);

    private boolean hasShiftedAfter(long seconds, Set<InetAddress> addresses) {
        now = now.plusSeconds(seconds);
        return footing.hasShifted(now, addresses);
    }

    @Test
    void a_machine_that_is_awake_where_it_was_has_not_moved() {
        for (int second = 0; second < 100; second++) {
            assertThat(hasShiftedAfter(1, HOME)).isFalse();
        }
        assertThat(hasShiftedAfter(4, HOME)).as("busy").isFalse();
    }

    @Test
    void a_sleep_is_noticed_once() {
        assertThat(hasShiftedAfter(3_600, HOME)).isTrue();
        assertThat(hasShiftedAfter(1, HOME)).isFalse();
    }

    @Test
    void each_change_of_addresses_is_noticed_once() {
        assertThat(hasShiftedAfter(1, Set.of())).isTrue();
        assertThat(hasShiftedAfter(1, Set.of())).isFalse();
        assertThat(hasShiftedAfter(1, CAFE)).isTrue();
        assertThat(hasShiftedAfter(1, CAFE)).isFalse();
    }
}

package org.barnraiser.trust.manners;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class UploadLimitTest {
    private static final int RATE = 1_000_000;

    @Test
    void what_several_fetch_at_the_same_time_is_bounded_all_together() throws Exception {
        var limit = new UploadLimit(OptionalLong.of(RATE));
        assertThat(limit.chunkBytes()).as("several chunks a second").isLessThanOrEqualTo(RATE / 4);
        long began = System.nanoTime();
        List<Thread> peers = new ArrayList<>();
        for (int peer = 0; peer < 4; peer++) {
            peers.add(Thread.ofVirtual().start(() -> {
                for (int chunk = 0; chunk < 3; chunk++) {
                    limit.await(100_000);
                }
            }));
        }
        for (Thread peer : peers) {
            assertThat(peer.join(java.time.Duration.ofSeconds(60))).isTrue();
        }
        // The first of the twelve goes at once.
        assertThat(System.nanoTime() - began).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(1_000));
    }

    @Test
    void without_a_limit_nobody_waits() {
        var limit = new UploadLimit(OptionalLong.empty());
        for (int chunk = 0; chunk < 1000; chunk++) {
            limit.await(Integer.MAX_VALUE);
        }
        assertThat(limit.chunkBytes()).isEqualTo(1 << 20);
    }
}

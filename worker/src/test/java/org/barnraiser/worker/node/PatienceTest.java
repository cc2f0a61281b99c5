package org.barnraiser.worker.node;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PatienceTest {
    private static final long TEN_SECONDS = TimeUnit.SECONDS.toNanos(10);

    @Test
    void who_is_slow_is_left_once_that_is_certain() {
        var patience = new Patience(Duration.ofSeconds(8), 1000);
        assertThat(patience.isOver(9_999, TEN_SECONDS)).isTrue();
        assertThat(patience.isOver(10_000, TEN_SECONDS)).isFalse();
        assertThat(patience.isOver(0, TimeUnit.SECONDS.toNanos(8))).as("it may have to wait for its disk").isFalse();
    }

    @Test
    void the_last_who_can_be_asked_may_be_as_slow_as_steps_and_other_readers_make_it() {
        assertThat(SeveralSources.COORDINATOR_PATIENCE.isOver(1, TimeUnit.DAYS.toNanos(1))).isFalse();
        assertThat(SeveralSources.WORKER_PATIENCE.isOver(1, TEN_SECONDS)).as("there are others").isTrue();
    }
}

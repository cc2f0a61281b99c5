package org.barnraiser.operator.reconcile;

import java.time.Duration;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class KeyedQueueTest {
    private final KeyedQueue queue = new KeyedQueue();

    @Test
    void a_key_is_due_once_however_often_it_is_added() throws Exception {
        queue.addAfter("a", Duration.ofHours(1));
        queue.add("a");
        queue.add("a");
        assertThat(queue.take()).contains("a");
        assertThat(queue.size()).isEqualTo(1);
        queue.done("a");
        assertThat(queue.size()).isZero();
    }

    @Test
    void a_key_that_is_added_while_it_is_worked_on_waits_for_that_and_others_do_not() throws Exception {
        queue.add("a");
        assertThat(queue.take()).contains("a");
        queue.add("a");
        queue.add("b");
        assertThat(queue.take()).contains("b");
        queue.done("a");
        assertThat(queue.take()).contains("a");
    }

    @Test
    void failures_in_a_row_wait_longer_each_time_up_to_a_minute() {
        assertThat(queue.addAfterFailure("a")).isEqualTo(Duration.ofSeconds(1));
        assertThat(queue.addAfterFailure("a")).isEqualTo(Duration.ofSeconds(2));
        for (int i = 0; i < 80; i++) {
            assertThat(queue.addAfterFailure("a")).isBetween(Duration.ofSeconds(4), Duration.ofMinutes(1));
        }
        queue.succeeded("a");
        assertThat(queue.addAfterFailure("a")).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void closing_ends_the_waiting() throws Exception {
        queue.close();
        assertThat(queue.take()).isEmpty();
    }
}

package org.barnraiser.trust.manners;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.trust.manners.Courtesy.FIRST_BYTES;
import static org.barnraiser.trust.manners.Courtesy.LEAST_BYTES;
import static org.barnraiser.trust.manners.Courtesy.MOST_BYTES;

/** In a time of its own. */
class CourtesyTest {
    private static final int PLENTY = 1 << 30;

    private long nanos;
    private final Courtesy courtesy = new Courtesy(() -> nanos);

    @Test
    void without_steps_weights_go_as_they_like() {
        assertThat(courtesy.take(PLENTY)).isEqualTo(PLENTY);
        courtesy.onStep();
        nanos += TimeUnit.SECONDS.toNanos(1);
        assertThat(courtesy.take(PLENTY)).as("a second after the last step").isEqualTo(PLENTY);
    }

    @Test
    void while_steps_go_each_makes_room_for_so_many_bytes_and_no_more() {
        long sent = 0;
        for (int step = 0; step < 100; step++) {
            courtesy.onStep();
            nanos += TimeUnit.MILLISECONDS.toNanos(50);
            for (int upload = 0; upload < 5; upload++) {
                sent += courtesy.take(FIRST_BYTES / 2);
            }
        }
        assertThat(sent).isEqualTo(100L * FIRST_BYTES);
    }

    @Test
    void what_was_not_used_after_one_step_is_not_added_to_the_next() {
        courtesy.onStep();
        courtesy.onStep();
        assertThat(courtesy.take(PLENTY)).isEqualTo(FIRST_BYTES);
        assertThat(courtesy.take(PLENTY)).isZero();
    }

    @Test
    void late_steps_make_less_room_and_punctual_ones_more_within_bounds() {
        afterAStep();
        courtesy.onArrival(true);
        assertThat(afterAStep()).isEqualTo(FIRST_BYTES / 2);
        for (int i = 0; i < 20; i++) {
            courtesy.onArrival(true);
            afterAStep();
        }
        assertThat(afterAStep()).isEqualTo(LEAST_BYTES);
        for (int i = 0; i < 60; i++) {
            courtesy.onArrival(false);
            afterAStep();
        }
        assertThat(afterAStep()).isEqualTo(MOST_BYTES);
    }

    @Test
    void as_long_as_no_step_was_late_the_room_doubles() {
        for (int i = 0; i < 5; i++) {
            afterAStep();
            courtesy.onArrival(false);
        }
        assertThat(afterAStep()).isEqualTo(FIRST_BYTES << 5);
    }

    @Test
    void after_steps_were_late_the_room_doubles_up_to_half_of_what_was_too_much_and_grows_slowly_from_there() {
        for (int i = 0; i < 5; i++) {
            afterAStep();
            courtesy.onArrival(false);
        }
        int tooMuch = afterAStep();
        courtesy.onArrival(true);
        for (int i = 0; i < 4; i++) {
            assertThat(afterAStep()).isEqualTo(FIRST_BYTES << i);
            courtesy.onArrival(false);
        }
        assertThat(afterAStep()).isEqualTo(tooMuch / 2);
        courtesy.onArrival(false);
        assertThat(afterAStep()).isEqualTo(tooMuch / 2 + tooMuch / 8);
    }

    @Test
    void room_that_was_enough_does_not_grow_and_weights_that_did_not_go_made_no_step_late() {
        courtesy.onStep();
        assertThat(courtesy.take(FIRST_BYTES - 1)).isEqualTo(FIRST_BYTES - 1);
        courtesy.onArrival(false);
        courtesy.onStep();
        courtesy.onArrival(true);
        assertThat(afterAStep()).isEqualTo(FIRST_BYTES);
    }

    private int afterAStep() {
        courtesy.onStep();
        return courtesy.take(PLENTY);
    }
}

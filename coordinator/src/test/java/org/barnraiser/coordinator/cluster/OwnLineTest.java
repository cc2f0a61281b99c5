package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.barnraiser.proto.WorkerRecord;
import org.barnraiser.trust.manners.Courtesy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.trust.manners.Courtesy.FIRST_BYTES;

/** In a time of its own. */
class OwnLineTest {
    private static final int PLENTY = 1 << 30;
    private static final String ATTIC = "192.0.2.1:7071";
    private static final String CELLAR = "192.0.2.2:7071";

    private long nanos;
    private final Courtesy courtesy = new Courtesy(() -> 0);
    private final OwnLine line = new OwnLine(courtesy, "203.0.113.7:7070", new Ticker() {
        @Override
        public long read() {
            return nanos;
        }
    });

    @Test
    void steps_to_a_pipeline_that_is_partly_elsewhere_make_weights_yield() {
        line.onStep(workers("127.0.0.1:7071", ATTIC)).run();
        assertThat(courtesy.take(PLENTY)).isEqualTo(FIRST_BYTES);
        assertThat(courtesy.take(PLENTY)).isZero();
    }

    @Test
    void steps_to_a_worker_that_is_called_on_its_line_make_weights_yield() {
        line.onStep(workers("+attic~1")).run();
        assertThat(courtesy.take(PLENTY)).isEqualTo(FIRST_BYTES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:7071", "127.0.0.1:7071+attic~1", "localhost:7071", "[::1]:7071",
            "203.0.113.7:7071"})
    void steps_to_a_pipeline_on_this_machine_share_no_line_with_weights(String address) {
        line.onStep(workers(address, "127.0.0.1:7072")).run();
        assertThat(courtesy.take(PLENTY)).isEqualTo(PLENTY);
    }

    @Test
    void two_late_answers_in_a_row_make_the_parts_smaller_and_one_does_not() {
        answer(ATTIC, 20);
        answer(ATTIC, 46);
        answer(ATTIC, 20);
        answer(ATTIC, 44);
        assertThat(afterAStep()).isEqualTo(FIRST_BYTES);
        answer(ATTIC, 46);
        assertThat(afterAStep()).as("after one").isEqualTo(FIRST_BYTES);
        answer(ATTIC, 46);
        assertThat(afterAStep()).isEqualTo(FIRST_BYTES / 2);
    }

    @Test
    void as_long_as_answers_are_late_they_are_measured_by_the_quickest_of_before() {
        answer(ATTIC, 20);
        for (int trip = 0; trip < 40; trip++) {
            afterAStep();
            answer(ATTIC, 100);
        }
        assertThat(afterAStep()).isEqualTo(Courtesy.LEAST_BYTES);
    }

    @Test
    void a_worker_that_has_moved_further_away_is_measured_by_its_new_distance_in_the_end() {
        answer(ATTIC, 20);
        for (int trip = 0; trip < 200; trip++) {
            afterAStep();
            answer(ATTIC, 100);
        }
        assertThat(afterAStep()).isGreaterThan(FIRST_BYTES);
    }

    @Test
    void one_worker_with_a_full_line_is_not_outvoted_by_many_that_are_near() {
        answer(ATTIC, 20);
        for (int second = 0; second < 20; second++) {
            afterAStep();
            for (int worker = 1; worker <= 9; worker++) {
                line.learn("198.51.100." + worker + ":7071", TimeUnit.MILLISECONDS.toNanos(1));
                nanos += TimeUnit.MILLISECONDS.toNanos(100);
            }
            line.learn(ATTIC, TimeUnit.MILLISECONDS.toNanos(200));
            nanos += TimeUnit.MILLISECONDS.toNanos(100);
        }
        assertThat(afterAStep()).isLessThanOrEqualTo(FIRST_BYTES);
    }

    @Test
    void where_all_answers_come_in_time_weights_are_soon_as_quick_as_without_steps() {
        for (int second = 0; second < 10; second++) {
            afterAStep();
            answer(ATTIC, second % 4 == 0 ? 60 : 1);
            answer(CELLAR, 3);
        }
        assertThat(20L * afterAStep()).as("bytes a second at 20 steps").isGreaterThan(125_000_000);
    }

    @Test
    void what_workers_on_this_machine_answer_says_nothing_of_the_line() {
        for (int trip = 0; trip < 20; trip++) {
            afterAStep();
            answer("127.0.0.1:7071", 1 + 1000L * (trip % 3));
        }
        assertThat(afterAStep()).isEqualTo(FIRST_BYTES);
    }

    /** A second later. */
    private void answer(String address, long millis) {
        nanos += TimeUnit.SECONDS.toNanos(1);
        line.learn(address, TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private int afterAStep() {
        courtesy.onStep();
        return courtesy.take(PLENTY);
    }

    private static List<WorkerRecord> workers(String... addresses) {
        return Stream.of(addresses).map(address -> WorkerRecord.newBuilder().setAddress(address).build()).toList();
    }
}

package org.barnraiser.coordinator.schedule;

import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PaceTest {
    private static final Duration UNKNOWN = Duration.ofSeconds(60);

    private final Pace pace = new Pace(UNKNOWN, Pace.LEAST);

    private void learn(int results, int tokens, Duration time) {
        for (int i = 0; i < results; i++) {
            pace.learn(tokens, time.toNanos());
        }
    }

    private Duration allowed(int tokens) {
        return Duration.ofNanos(pace.allowedNanos(tokens));
    }

    @Test
    void before_enough_is_known_much_is_allowed() {
        assertThat(allowed(1)).isEqualTo(UNKNOWN);
        learn(Pace.RESULTS_TO_LEARN - 1, 1, Duration.ofMillis(5));
        assertThat(allowed(256)).isEqualTo(UNKNOWN);
    }

    @Test
    void a_quick_pipeline_that_falls_silent_is_noticed_within_two_seconds() {
        learn(Pace.RESULTS_TO_LEARN, 1, Duration.ofMillis(50));
        assertThat(allowed(1)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void a_slow_prompt_on_a_slow_machine_is_no_silence_although_only_single_tokens_were_seen() {
        learn(Pace.RESULTS_TO_LEARN, 1, Duration.ofMillis(100));
        assertThat(allowed(256)).isGreaterThan(Duration.ofSeconds(10).multipliedBy(4));
    }

    @Test
    void what_was_seen_of_long_steps_does_not_make_short_ones_wait() {
        learn(Pace.RESULTS_TO_LEARN, 256, Duration.ofSeconds(10));
        assertThat(allowed(256)).isEqualTo(Duration.ofSeconds(80));
        learn(1, 1, Duration.ofMillis(100));
        assertThat(allowed(1)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void steps_without_tokens_teach_nothing() {
        learn(Pace.RESULTS_TO_LEARN, 0, Duration.ofMillis(1));
        assertThat(allowed(1)).isEqualTo(UNKNOWN);
    }

    @Test
    void a_quick_pipeline_of_far_machines_gets_the_time_that_their_ways_ask_for() {
        Pace far = new Pace(UNKNOWN, Duration.ofSeconds(4));
        for (int i = 0; i < Pace.RESULTS_TO_LEARN; i++) {
            far.learn(1, Duration.ofMillis(50).toNanos());
        }
        assertThat(Duration.ofNanos(far.allowedNanos(1))).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void one_slow_step_is_forgotten_after_a_while() {
        learn(Pace.RESULTS_TO_LEARN, 1, Duration.ofMillis(50));
        learn(1, 1, Duration.ofSeconds(5));
        assertThat(allowed(1)).isEqualTo(Duration.ofSeconds(40));
        learn(1000, 1, Duration.ofMillis(50));
        assertThat(allowed(1)).isEqualTo(Duration.ofSeconds(2));
    }

    @Property(tries = 500)
    void a_pipeline_that_works_is_never_called_silent(@ForAll @IntRange(min = 1, max = 200) int baseMillis,
            @ForAll @DoubleRange(min = 0.01, max = 40) double millisPerToken,
            @ForAll @Size(max = 200) List<@IntRange(min = 1, max = 256) Integer> steps,
            @ForAll @Size(min = 1, max = 50) List<@DoubleRange(min = 1, max = 4) Double> noise) {
        Pace fresh = new Pace(UNKNOWN, Pace.LEAST);
        for (int i = 0; i < steps.size(); i++) {
            int tokens = steps.get(i);
            double millis = (baseMillis + tokens * millisPerToken) * noise.get(i % noise.size());
            long nanos = (long) (millis * 1e6);
            assertThat(nanos).isLessThanOrEqualTo(fresh.allowedNanos(tokens));
            fresh.learn(tokens, nanos);
        }
    }

    @Property(tries = 200)
    void a_pipeline_that_hangs_is_called_silent_in_a_time_that_is_in_proportion(
            @ForAll @IntRange(min = 1, max = 5000) int millis, @ForAll @IntRange(min = 1, max = 256) int tokens) {
        Pace fresh = new Pace(UNKNOWN, Pace.LEAST);
        for (int i = 0; i < Pace.RESULTS_TO_LEARN; i++) {
            fresh.learn(tokens, Duration.ofMillis(millis).toNanos());
        }
        assertThat(Duration.ofNanos(fresh.allowedNanos(tokens)).toMillis()).isEqualTo(Math.max(2000, 8L * millis));
    }
}

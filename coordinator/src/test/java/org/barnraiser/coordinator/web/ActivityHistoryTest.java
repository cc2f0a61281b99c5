package org.barnraiser.coordinator.web;

import com.fasterxml.jackson.databind.JsonNode;
import org.barnraiser.coordinator.model.ClusterStatus.Activity;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ActivityHistoryTest {
    private final ActivityHistory history = new ActivityHistory();

    @Test
    void speed_is_what_was_generated_since_the_sample_before() {
        history.add(10_000, generated(100));
        history.add(20_000, generated(350));
        assertThat(speed(0)).isZero();
        assertThat(speed(1)).isEqualTo(25.0);
    }

    @Test
    void a_coordinator_that_counts_from_zero_again_is_not_a_negative_speed() {
        history.add(10_000, generated(100));
        history.add(20_000, generated(5));
        assertThat(speed(1)).isZero();
    }

    @Test
    void only_the_last_six_hours_are_kept() {
        for (int i = 0; i < 3000; i++) {
            history.add(i * 10_000L, generated(i));
        }
        JsonNode samples = history.toJson().path("samples");
        assertThat(samples).hasSize(2160);
        assertThat(samples.path(0).path(0).asLong()).isEqualTo(8400);
    }

    private double speed(int index) {
        return history.toJson().path("samples").path(index).path(1).asDouble();
    }

    private static Activity generated(long tokens) {
        return new Activity(1, 0, 0, 0, tokens, 0);
    }
}

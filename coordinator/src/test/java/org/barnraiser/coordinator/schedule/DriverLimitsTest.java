package org.barnraiser.coordinator.schedule;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DriverLimitsTest {

    @Test
    void limits_under_which_some_sequence_could_never_run_are_refused_by_name() {
        assertThatThrownBy(() -> new DriverLimits(0, 100, 100, 8, 1, 0, 1000)).hasMessageContaining("slots is 0");
        assertThatThrownBy(() -> new DriverLimits(1, 1, 100, 8, 1, 0, 1000)).hasMessageContaining("contextTokens is 1");
        assertThatThrownBy(() -> new DriverLimits(1, 100, 99, 8, 1, 0, 1000)).hasMessageContaining("cacheTokens");
        assertThatThrownBy(() -> new DriverLimits(9, 100, 100, 8, 1, 0, 1000)).hasMessageContaining("maxStepTokens");
        assertThatThrownBy(() -> new DriverLimits(1, 100, 100, 8, 0, 0, 1000)).hasMessageContaining("maxStepsInFlight");
        assertThatThrownBy(() -> new DriverLimits(1, 100, 100, 8, 1, -1, 1000)).hasMessageContaining("maxWaiting");
        assertThatThrownBy(() -> new DriverLimits(1, 100, 100, 8, 1, 0, 0)).hasMessageContaining("stepTimeoutMillis");
    }

    @Test
    void an_answer_is_as_long_as_was_asked_or_as_the_context_leaves() {
        DriverLimits limits = new DriverLimits(1, 100, 100, 8, 1, 0, 1000);
        assertThat(limits.tokenLimit(ResumableSequence.of(FakeModel.request(1, 90, 5)))).isEqualTo(5);
        assertThat(limits.tokenLimit(ResumableSequence.of(FakeModel.request(1, 90, Integer.MAX_VALUE)))).isEqualTo(10);
    }
}

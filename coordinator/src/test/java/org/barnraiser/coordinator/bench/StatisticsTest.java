package org.barnraiser.coordinator.bench;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class StatisticsTest {

    @Test
    void the_median_is_the_middle_value_or_halfway_between_the_two() {
        assertThat(Statistics.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2.0);
        assertThat(Statistics.median(List.of(4.0, 1.0))).isEqualTo(2.5);
    }

    @Test
    void nothing_has_no_median() {
        assertThatThrownBy(() -> Statistics.median(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void a_quantile_lies_between_the_extremes(
            @ForAll @NotEmpty @Size(max = 20) List<@DoubleRange(min = -1e6, max = 1e6) Double> values,
            @ForAll @DoubleRange(min = 0, max = 1) double q) {
        assertThat(Statistics.quantile(values, q)).isBetween(values.stream().min(Double::compare).orElseThrow(),
                values.stream().max(Double::compare).orElseThrow());
    }

    @Test
    void a_rate_counts_the_tokens_after_the_first() {
        assertThat(Measurement.of(50, 11, 1000).tokensPerSecond()).isEqualTo(10.0);
        assertThat(Measurement.of(50, 1, 0).tokensPerSecond()).isZero();
    }
}

package org.barnraiser.coordinator.plan;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ModelNeedsTest {
    @Test
    void small_caches_take_about_half_and_nothing_else_changes() {
        var needs = new ModelNeeds(ImmutableLongArray.of(1000, 1000), 10, 20, 3, ImmutableLongArray.of(64, 128), 5,
                ImmutableIntArray.of(0, 1, 2));
        assertThat(needs.stageBytes(0, 2)).isEqualTo(3 + 10 + 20 + 2000 + 5 * (64 + 128));
        assertThat(needs.withSmallCaches().stageBytes(0, 2)).isEqualTo(3 + 10 + 20 + 2000 + 5 * (34 + 68));
    }
}

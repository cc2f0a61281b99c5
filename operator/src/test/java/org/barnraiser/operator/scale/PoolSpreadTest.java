package org.barnraiser.operator.scale;

import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.crd.Pool;
import org.barnraiser.operator.kube.Tree;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PoolSpreadTest {
    private static List<Pool> pools(int... limits) {
        StringBuilder pools = new StringBuilder();
        for (int i = 0; i < limits.length; i += 2) {
            pools.append(i == 0 ? "" : ",")
                    .append("{\"name\":\"p%d\",\"memory\":\"1G\",\"minReplicas\":%d,\"maxReplicas\":%d}"
                            .formatted(i / 2, limits[i], limits[i + 1]));
        }
        return InferenceCluster.read(Tree.parse("{\"spec\":{\"pools\":[" + pools + "]}}")).spec().pools();
    }

    @Property
    void all_are_spread_within_each_pools_limits(@ForAll @IntRange(max = 5) int a, @ForAll @IntRange(max = 5) int b,
            @ForAll @IntRange(max = 20) int workers) {
        Map<String, Integer> spread = PoolSpread.of(pools(a, a + 3, b, b + 2), workers);
        int sum = spread.values().stream().mapToInt(Integer::intValue).sum();
        assertThat(sum).isEqualTo(Math.min(workers, a + b + 5));
        assertThat(spread.get("p0")).isLessThanOrEqualTo(a + 3);
        assertThat(spread.get("p1")).isLessThanOrEqualTo(b + 2);
    }

    @Test
    void earlier_pools_are_filled_first() {
        assertThat(PoolSpread.of(pools(1, 3, 1, 3), 4)).containsExactlyInAnyOrderEntriesOf(Map.of("p0", 3, "p1", 1));
    }

    @Test
    void growth_comes_at_once_and_before_any_shrinking() {
        assertThat(PoolSpread.step(Map.of("a", 3, "b", 0), Map.of("a", 1, "b", 2), true))
                .isEqualTo(Map.of("a", 3, "b", 2));
        assertThat(PoolSpread.step(Map.of("a", 3, "b", 2), Map.of("a", 1, "b", 2), true))
                .isEqualTo(Map.of("a", 2, "b", 2));
        assertThat(PoolSpread.step(Map.of("a", 3, "b", 2), Map.of("a", 1, "b", 2), false))
                .isEqualTo(Map.of("a", 3, "b", 2));
    }
}

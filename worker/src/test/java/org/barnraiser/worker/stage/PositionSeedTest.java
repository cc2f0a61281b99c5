package org.barnraiser.worker.stage;

import java.util.HashSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.barnraiser.worker.stage.PositionSeed.Purpose;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PositionSeedTest {
    @Test
    void positions_purposes_and_seeds_draw_different_numbers() {
        var seen = new HashSet<Integer>();
        for (long seed = 0; seed < 20; seed++) {
            for (int position = 0; position < 500; position++) {
                for (Purpose purpose : Purpose.values()) {
                    seen.add(PositionSeed.of(seed, position, purpose));
                }
            }
        }
        assertThat(seen).hasSizeGreaterThan(19_990);
    }

    /** Other builds must draw the same, or a sequence would change when it moves. */
    @Test
    void the_hash_stays_what_it_is() {
        assertThat(PositionSeed.of(0, 0, Purpose.TOKEN)).isEqualTo(reference(0, 0, 1));
        assertThat(PositionSeed.of(-7, 1234, Purpose.XTC)).isEqualTo(reference(-7, 1234, 2));
    }

    @Property
    void llama_cpp_s_mark_for_a_truly_random_seed_never_comes(@ForAll long seed,
            @ForAll @IntRange(min = 0) int position) {
        assertThat(PositionSeed.of(seed, position, Purpose.TOKEN)).isNotEqualTo(0xffffffff);
    }

    /** {@link java.util.SplittableRandom} is SplitMix64: its nth number from a seed is the finaliser of seed + n gamma. */
    private static int reference(long seed, int position, int purpose) {
        return (int) (nth(nth(seed, position + 1), purpose) >>> 32);
    }

    private static long nth(long seed, int n) {
        var random = new java.util.SplittableRandom(seed);
        for (int i = 1; i < n; i++) {
            random.nextLong();
        }
        return random.nextLong();
    }
}

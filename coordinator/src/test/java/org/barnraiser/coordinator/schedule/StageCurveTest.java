package org.barnraiser.coordinator.schedule;

import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

/** What a stage's times teach, in times that vary as those of real machines do. */
class StageCurveTest {
    private static final int ONE = 14_000;
    /** With other kernels. */
    private static final int TWO = 48_000;
    private static final Percentage ABOUT = withPercentage(25);

    private final Random random = new Random(7);
    private final StageCurve curve = StageCurve.ofStage();

    @Test
    void what_is_known_of_one_size_lasts_while_another_is_in_use() {
        learn(1, 50, ONE);
        learn(2, 50, TWO);
        for (int i = 0; i < 20; i++) {
            learn(1, 500, ONE);
            assertThat(curve.micros(2)).isCloseTo(TWO, ABOUT);
            learn(2, 300, TWO);
            assertThat(curve.micros(1)).isCloseTo(ONE, ABOUT);
        }
    }

    @Test
    void sizes_out_of_use_become_slower_and_faster_with_the_machine() {
        learn(1, 100, ONE);
        learn(2, 100, TWO);
        learn(1, 100, ONE);
        learn(1, 100, 3 * ONE);
        assertThat(curve.micros(2)).isBetween(2.0 * TWO, 3.5 * TWO);
        learn(1, 100, ONE);
        assertThat(curve.micros(2)).isCloseTo(TWO, ABOUT);
    }

    @Test
    void a_size_that_comes_back_into_use_is_known_anew_after_a_few_steps() {
        learn(2, 20, 4 * TWO);
        learn(1, 200, ONE);
        learn(2, 6, TWO);
        assertThat(curve.micros(2)).isCloseTo(TWO, withPercentage(50));
        assertThat(curve.micros(1)).isCloseTo(ONE, ABOUT);
    }

    private void learn(int tokens, int steps, int micros) {
        for (int i = 0; i < steps; i++) {
            boolean disturbed = random.nextInt(50) == 0;
            curve.learn(tokens,
                    (long) (micros * Math.exp(0.15 * random.nextGaussian()) * (disturbed ? 5 : 1)));
        }
    }
}

package org.barnraiser.coordinator.fit;

import com.google.common.collect.ImmutableList;
import java.util.OptionalDouble;
import org.barnraiser.coordinator.plan.ProportionalPlanner;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class FitCheckTest {
    private static final long GIGABYTE = 1_000_000_000;

    private final FitCheck check = new FitCheck(new ProportionalPlanner());

    @Test
    void a_70_billion_model_at_4_bits_fits_on_two_machines_of_32_gigabytes_and_not_on_one() {
        Model model = new Sizes(70, 70, 4.8, 80, 4096, 1).toModel();
        assertThat(check.check(model, machines(32, 0), Wanted.BY_THE_PAGE).fits()).isFalse();
        Fit fit = check.check(model, machines(32, 0, 32, 0), Wanted.BY_THE_PAGE);
        assertThat(fit.fits()).isTrue();
        assertThat(fit.stages().getFirst().first()).isZero();
        assertThat(fit.stages().getLast().last()).isEqualTo(80);
        assertThat(fit.modelBytes()).isBetween(42 * GIGABYTE, 46 * GIGABYTE);
    }

    @Test
    void what_is_missing_is_what_one_machine_more_must_lend() {
        Model model = new Sizes(70, 70, 4.8, 80, 4096, 1).toModel();
        Fit fit = check.check(model, machines(32, 0), Wanted.BY_THE_PAGE);
        double missing = Math.ceil(fit.missingBytes() / 1e9 * 1000) / 1000;
        assertThat(check.check(model, machines(32, 0, missing, 0), Wanted.BY_THE_PAGE).fits()).isTrue();
    }

    @Test
    void speed_is_told_only_when_every_machines_bandwidth_is_known() {
        Model model = new Sizes(8, 8, 4.8, 32, 4096, 1).toModel();
        assertThat(check.check(model, machines(8, 100, 8, 0), Wanted.BY_THE_PAGE).speed()).isEmpty();
        Fit.Speed speed = check.check(model, machines(8, 100, 8, 100), Wanted.BY_THE_PAGE).speed().orElseThrow();
        // 8 billion × 4.8 bits are 4.8 GB, less the embedding; at 100 GB/s that is a bound of 22 tokens per second.
        assertThat(speed.slow()).isBetween(6.0, 10.0);
        assertThat(speed.fast()).isBetween(16.0, 21.0);
    }

    @Test
    void a_mixture_of_experts_needs_the_memory_of_all_and_the_time_of_few() {
        Fit dense = check.check(new Sizes(30, 30, 4.8, 48, 4096, 1).toModel(), machines(40, 100), Wanted.BY_THE_PAGE);
        Fit mixture = check.check(new Sizes(30, 3, 4.8, 48, 4096, 1).toModel(), machines(40, 100), Wanted.BY_THE_PAGE);
        assertThat(mixture.modelBytes()).isGreaterThan(dense.modelBytes() * 9 / 10);
        assertThat(mixture.speed().orElseThrow().slow()).isGreaterThan(dense.speed().orElseThrow().slow() * 4);
    }

    /** Pairs of gigabytes lent and gigabytes read per second, 0 for unknown. */
    private static ImmutableList<Machine> machines(double... pairs) {
        ImmutableList.Builder<Machine> machines = ImmutableList.builder();
        for (int i = 0; i < pairs.length; i += 2) {
            machines.add(new Machine("m" + i, (long) (pairs[i] * GIGABYTE),
                    pairs[i + 1] == 0 ? OptionalDouble.empty() : OptionalDouble.of(pairs[i + 1] * GIGABYTE)));
        }
        return machines.build();
    }
}

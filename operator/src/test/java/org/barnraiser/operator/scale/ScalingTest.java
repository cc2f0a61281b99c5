package org.barnraiser.operator.scale;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.barnraiser.operator.crd.ClusterSpec.Autoscaling;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ScalingTest {
    private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");
    private static final Duration LOOK = Duration.ofSeconds(2);

    private static ScaleRules rules(int min, int max, boolean byDemand, int zeroAfterSeconds) {
        return new ScaleRules(min, max, 1, OptionalInt.empty(),
                new Autoscaling(byDemand, 4, 0, 95, Duration.ofSeconds(15),
                        Duration.ofMinutes(5), Duration.ofSeconds(zeroAfterSeconds)));
    }

    @Test
    void each_pipeline_has_its_workers_unless_they_come_by_demand() {
        Autoscaling never = rules(1, 9, false, 0).autoscaling();
        Autoscaling byDemand = rules(1, 9, true, 0).autoscaling();
        Demand twoStages = new Demand(true, false, 2, 0, 0, 0, 0);
        assertThat(Scaling.next(new ScaleRules(1, 9, 3, OptionalInt.empty(), never), begin(2), twoStages, START)
                .desired()).isEqualTo(6);
        assertThat(Scaling.next(new ScaleRules(1, 5, 3, OptionalInt.empty(), never), begin(2), twoStages, START)
                .desired()).as("as many as are allowed").isEqualTo(5);
        assertThat(Scaling.next(new ScaleRules(1, 9, 3, OptionalInt.empty(), byDemand), begin(2), twoStages, START)
                .desired()).isEqualTo(2);
    }

    private static ScaleState begin(int desired) {
        return new ScaleState(desired, 1, START, START, START);
    }

    private static Demand waiting(int readers) {
        return new Demand(true, false, 1, 2, readers, 10, 0.5);
    }

    private static final Demand IDLE = new Demand(true, false, 1, 0, 0, 0, 0);

    @Provide
    Arbitrary<Demand> demands() {
        return Combinators.combine(Arbitraries.of(true, false), Arbitraries.of(true, false),
                Arbitraries.integers().between(0, 6), Arbitraries.integers().between(0, 9),
                Arbitraries.integers().between(0, 9), Arbitraries.doubles().between(0, 100),
                Arbitraries.doubles().between(0, 1)).as(Demand::new);
    }

    @Property
    void the_pools_limits_hold_whatever_is_asked(@ForAll("demands") Demand demand, @ForAll @IntRange(max = 3) int min,
            @ForAll @IntRange(max = 5) int more, @ForAll @IntRange(max = 9) int before,
            @ForAll @IntRange(max = 1) int zero) {
        ScaleRules rules = rules(min, min + more, true, zero * 60);
        ScaleState next = Scaling.next(rules, begin(before), demand, START.plusSeconds(400));
        assertThat(next.desired()).satisfiesAnyOf(desired -> assertThat(desired).isBetween(min, min + more),
                desired -> assertThat(desired).isZero());
        if (next.desired() == 0) {
            assertThat(zero == 1 || min == 0).isTrue();
        }
    }

    @Property(tries = 200)
    void after_a_step_up_no_step_down_comes_before_the_calm_time(
            @ForAll @Size(min = 50, max = 200) List<@IntRange(max = 9) Integer> readers) {
        ScaleRules rules = rules(1, 6, true, 0);
        ScaleState state = begin(1);
        Instant now = START;
        Instant lastUp = START.minusSeconds(1000);
        for (int waiting : readers) {
            now = now.plus(Duration.ofSeconds(7));
            ScaleState next = Scaling.next(rules, state, waiting == 0 ? IDLE : waiting(waiting), now);
            assertThat(Math.abs(next.desired() - state.desired())).isLessThanOrEqualTo(1);
            if (next.desired() > state.desired()) {
                lastUp = now;
            }
            if (next.desired() < state.desired()) {
                assertThat(lastUp.plus(Duration.ofMinutes(5))).isBeforeOrEqualTo(now);
            }
            state = next;
        }
    }

    @Test
    void readers_who_wait_bring_one_worker_each_quarter_of_a_minute() {
        List<Integer> desired = run(rules(1, 4, true, 0), begin(1), waiting(5), 60);
        assertThat(desired).startsWith(1).contains(2, 3).endsWith(4).isSorted();
        assertThat(desired.indexOf(3) - desired.indexOf(2)).isEqualTo(8);
    }

    @Test
    void calm_takes_them_away_slowly_down_to_what_the_model_needs() {
        ScaleState four = new ScaleState(4, 2, START, START, START);
        Demand calm = new Demand(true, false, 2, 1, 0, 20, 0.2);
        List<Integer> desired = run(rules(1, 4, true, 0), four, calm, 1300);
        assertThat(desired).startsWith(4).contains(3).endsWith(2);
        assertThat(desired.indexOf(2) - desired.indexOf(3)).isEqualTo(150);
    }

    @Test
    void a_model_that_does_not_fit_gets_workers_until_it_does() {
        Demand lacking = new Demand(true, true, 0, 0, 0, 0, 0);
        assertThat(run(rules(1, 3, false, 0), begin(1), lacking, 120)).endsWith(3).contains(2);
        assertThat(run(rules(1, 2, false, 0), begin(1), lacking, 120)).endsWith(2);
    }

    @Test
    void all_sleep_when_nobody_was_there_and_as_many_as_the_model_needs_wake_for_one_reader() {
        ScaleRules rules = rules(0, 5, false, 60);
        ScaleState two = new ScaleState(2, 2, START, START, START);
        Demand ready = new Demand(true, false, 2, 0, 0, 0, 0);
        List<Integer> desired = run(rules, two, ready, 70);
        assertThat(desired).startsWith(2).endsWith(0);
        ScaleState asleep = new ScaleState(0, 2, START, START, START);
        Instant later = START.plusSeconds(9_999);
        assertThat(Scaling.next(rules, asleep, new Demand(true, false, 0, 0, 0, 0, 0), later).desired()).isZero();
        assertThat(Scaling.next(rules, asleep, new Demand(true, false, 0, 0, 1, 0, 0), later).desired()).isEqualTo(2);
    }

    @Test
    void nobody_is_sent_to_sleep_while_no_coordinator_can_be_asked() {
        assertThat(run(rules(1, 2, true, 10), begin(2), Demand.UNKNOWN, 600)).containsOnly(2);
    }

    @Test
    void somebody_elses_number_is_taken_within_the_limits() {
        ScaleRules rules = new ScaleRules(1, 4, 1, OptionalInt.of(9), rules(1, 4, true, 60).autoscaling());
        assertThat(Scaling.next(rules, begin(1), IDLE, START).desired()).isEqualTo(4);
    }

    private static List<Integer> run(ScaleRules rules, ScaleState begin, Demand demand, int seconds) {
        List<Integer> desired = new ArrayList<>();
        ScaleState state = begin;
        for (Instant now = START; now.isBefore(START.plusSeconds(seconds)); now = now.plus(LOOK)) {
            state = Scaling.next(rules, state, demand, now);
            desired.add(state.desired());
        }
        return desired;
    }
}

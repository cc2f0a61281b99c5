package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.barnraiser.coordinator.plan.Layers;
import org.barnraiser.coordinator.plan.MachineOffer;
import org.barnraiser.coordinator.plan.ModelNeeds;
import org.barnraiser.coordinator.plan.Placement;
import org.barnraiser.coordinator.plan.PlanInput;
import org.barnraiser.coordinator.plan.PlannedStage;
import org.barnraiser.coordinator.plan.Preferences;
import org.barnraiser.coordinator.plan.Redivision;
import org.barnraiser.coordinator.plan.Redivision.Better;
import org.barnraiser.coordinator.plan.Redivision.Seen;

import static org.assertj.core.api.Assertions.assertThat;

/** Hours of a pipeline whose stages are measured, in virtual time: the model is moved when that helps, and never back and forth. */
class InsistenceProperties {
    private static final int LAYERS = 24;
    private static final Duration SEEN_FOR = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMinutes(3);
    private static final Duration LOOK = Duration.ofSeconds(6);

    /** What a layer takes on each machine at a time. */
    @FunctionalInterface
    private interface World {
        double layerSeconds(int machine, long nanos);
    }

    /** One pipeline and who looks after it. */
    private static final class Life {
        private final World world;
        private final Random random;
        private final double noise;
        private final ImmutableList<MachineOffer> machines;
        private final ModelNeeds needs = needs();
        private final List<Long> movedNanos = new ArrayList<>();
        private final Insistence insistence = new Insistence(SEEN_FOR, PAUSE, new Ticker() {
            @Override
            public long read() {
                return now;
            }
        });
        private List<Layers> cut;
        private long now;

        Life(World world, Random random, double noise, int count) {
            this.world = world;
            this.random = random;
            this.noise = noise;
            machines = IntStream.range(0, count).mapToObj(
                    machine -> new MachineOffer("m" + machine, "i" + machine, "h:1", 1_000_000L * LAYERS))
                    .collect(ImmutableList.toImmutableList());
            cut = IntStream.range(0, count)
                    .mapToObj(machine -> new Layers(LAYERS * machine / count, LAYERS * (machine + 1) / count)).toList();
        }

        void live(Duration time) {
            for (long end = now + time.toNanos(); now < end; now += LOOK.toNanos()) {
                Optional<Better> better = Redivision.find(input(), seen());
                if (insistence.isWorthIt(better.map(Better::gain).orElse(0.0),
                        better.map(Better::savedSeconds).orElse(0.0))) {
                    insistence.onMoved();
                    movedNanos.add(now);
                    cut = better.orElseThrow().plan().stages().stream().map(PlannedStage::layers).toList();
                }
            }
        }

        private List<Seen> seen() {
            return IntStream.range(0, 7).mapToObj(_ -> new Seen(1, ImmutableDoubleArray.copyOf(
                    IntStream.range(0, machines.size()).mapToDouble(machine -> world.layerSeconds(machine, now)
                            * (cut.get(machine).last() - cut.get(machine).first())
                            * (1 + noise * (2 * random.nextDouble() - 1))))))
                    .toList();
        }

        private PlanInput input() {
            ImmutableList<Placement> running = IntStream.range(0, machines.size())
                    .mapToObj(machine -> new Placement("i" + machine, cut.get(machine)))
                    .collect(ImmutableList.toImmutableList());
            return new PlanInput(needs, machines, new Preferences(machines.size(), running,
                    ImmutableSetMultimap.of(), ImmutableSetMultimap.of(), ImmutableSet.of()));
        }

        double tokenSeconds() {
            return IntStream.range(0, machines.size())
                    .mapToDouble(machine -> world.layerSeconds(machine, now)
                            * (cut.get(machine).last() - cut.get(machine).first()))
                    .sum();
        }

        private static ModelNeeds needs() {
            ImmutableLongArray layers = ImmutableLongArray
                    .copyOf(LongStream.generate(() -> 1_000_000).limit(LAYERS));
            return new ModelNeeds(layers, 0, 0, 0,
                    ImmutableLongArray.copyOf(LongStream.generate(() -> 0).limit(LAYERS)), 0,
                    ImmutableIntArray.copyOf(IntStream.rangeClosed(0, LAYERS)));
        }
    }

    @Property(tries = 20)
    void machines_that_stay_as_they_are_are_divided_anew_once_at_most(@ForAll long seed,
            @ForAll @IntRange(min = 2, max = 4) int count) {
        Random random = new Random(seed);
        double[] speeds = IntStream.range(0, count).mapToDouble(_ -> 0.001 * (1 + 9 * random.nextDouble())).toArray();
        Life life = new Life((machine, _) -> speeds[machine], random, 0.2, count);
        double before = life.tokenSeconds();
        life.live(Duration.ofHours(1));
        assertThat(life.movedNanos).hasSizeLessThanOrEqualTo(1);
        assertThat(life.tokenSeconds()).isLessThanOrEqualTo(before);
    }

    @Property(tries = 8)
    void machines_that_are_busy_and_idle_by_turns_do_not_have_the_model_moved_back_and_forth(@ForAll long seed,
            @ForAll @IntRange(min = 5, max = 1200) int turnSeconds) {
        Random random = new Random(seed);
        long turn = Duration.ofSeconds(turnSeconds).toNanos();
        Life life = new Life((machine, nanos) -> 0.002 * (nanos / turn % 2 == machine ? 10 : 1), random, 0.2, 2);
        life.live(Duration.ofHours(24));
        assertThat(life.movedNanos).as("each pause is twice as long as the one before, up to 3.2 hours")
                .hasSizeLessThanOrEqualTo(14);
        for (int move = 1; move < life.movedNanos.size(); move++) {
            long least = PAUSE.toNanos() << Math.min(move - 1, 6);
            assertThat(life.movedNanos.get(move) - life.movedNanos.get(move - 1)).isGreaterThanOrEqualTo(least);
        }
    }

    @Property(tries = 8)
    void a_machine_that_becomes_slow_for_good_gives_its_layers_away_within_a_minute(@ForAll long seed) {
        Life life = new Life(
                (machine, nanos) -> machine == 1 && nanos > Duration.ofHours(1).toNanos() ? 0.02 : 0.002,
                new Random(seed), 0.1, 2);
        life.live(Duration.ofHours(1));
        assertThat(life.movedNanos).isEmpty();
        life.live(Duration.ofMinutes(1));
        assertThat(life.movedNanos).hasSize(1);
    }

    @Property(tries = 200)
    void a_gain_that_is_seen_only_now_and_then_moves_nothing(@ForAll long seed) {
        Random random = new Random(seed);
        long[] now = new long[1];
        Insistence insistence = new Insistence(SEEN_FOR, PAUSE, new Ticker() {
            @Override
            public long read() {
                return now[0];
            }
        });
        for (int look = 0; look < 2000; look++) {
            now[0] += LOOK.toNanos();
            // Never five times in a row.
            boolean clear = look % 5 != 0 && random.nextBoolean();
            assertThat(insistence.isWorthIt(clear ? 0.9 : 0.1, 1)).isFalse();
        }
    }
}

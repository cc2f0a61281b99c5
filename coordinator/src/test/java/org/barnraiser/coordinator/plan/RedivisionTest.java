package org.barnraiser.coordinator.plan;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.barnraiser.coordinator.plan.Redivision.Better;
import org.barnraiser.coordinator.plan.Redivision.Seen;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/** Layers that are divided anew by what stages take as they run. */
class RedivisionTest {
    private static final int LAYERS = 12;
    private static final long LAYER_BYTES = 1_000_000;

    @Test
    void a_machine_that_turns_out_to_be_slow_gives_layers_to_one_that_has_room() {
        Better better = Redivision.find(input(6, 9 * LAYER_BYTES, 9 * LAYER_BYTES), seen(0.006, 0.060)).orElseThrow();
        assertThat(cut(better)).as("as many as fit").isEqualTo(9);
        assertThat(better.nowSeconds()).isCloseTo(0.066, within(0.002));
        assertThat(better.thenSeconds()).isCloseTo(0.039, within(0.002));
    }

    @Test
    void memory_bounds_what_the_faster_one_takes() {
        assertThat(Redivision.find(input(6, 6 * LAYER_BYTES, 12 * LAYER_BYTES), seen(0.006, 0.060))).isEmpty();
    }

    @Test
    void one_measurement_that_went_wrong_changes_nothing() {
        PlanInput input = input(6, 12 * LAYER_BYTES, 12 * LAYER_BYTES);
        Optional<Better> better = Redivision.find(input, List.of(new Seen(1, ImmutableDoubleArray.of(0.03, 0.03)),
                new Seen(1, ImmutableDoubleArray.of(0.03, 0.3)), new Seen(1, ImmutableDoubleArray.of(0.03, 0.03))));
        assertThat(better.map(Better::gain).orElse(0.0)).isLessThan(0.01);
    }

    @Test
    void too_little_that_is_known_says_nothing() {
        PlanInput input = input(6, 12 * LAYER_BYTES, 12 * LAYER_BYTES);
        assertThat(Redivision.find(input, List.of())).isEmpty();
        assertThat(Redivision.find(input, List.of(new Seen(1, ImmutableDoubleArray.of(0.03))))).isEmpty();
        assertThat(Redivision.find(input, seen(0.03, 0))).isEmpty();
        assertThat(Redivision.find(
                new PlanInput(input.needs(), input.machines().subList(0, 1), input.preferences()),
                seen(0.006, 0.060))).as("a machine that is not there").isEmpty();
    }

    static int cut(Better better) {
        return better.plan().stages().getFirst().last();
    }

    static List<Seen> seen(double first, double second) {
        return List.of(new Seen(1, ImmutableDoubleArray.of(first, second)));
    }

    /** Two machines with so much room, cut so. */
    static PlanInput input(int cut, long... budgets) {
        ImmutableLongArray layers = ImmutableLongArray
                .copyOf(LongStream.generate(() -> LAYER_BYTES).limit(LAYERS));
        ModelNeeds needs = new ModelNeeds(layers, 0, 0, 0,
                ImmutableLongArray.copyOf(LongStream.generate(() -> 0).limit(LAYERS)), 0,
                ImmutableIntArray.copyOf(IntStream.rangeClosed(0, LAYERS)));
        ImmutableList<MachineOffer> machines = IntStream.range(0, budgets.length)
                .mapToObj(i -> new MachineOffer("m" + i, "i" + i, "h:" + i, MachineOffer.usableBytesFor(budgets[i])))
                .collect(ImmutableList.toImmutableList());
        return new PlanInput(needs, machines, new Preferences(2,
                ImmutableList.of(new Placement("i0", new Layers(0, cut)), new Placement("i1", new Layers(cut, LAYERS))),
                ImmutableSetMultimap.of(), ImmutableSetMultimap.of(), ImmutableSet.of()));
    }
}

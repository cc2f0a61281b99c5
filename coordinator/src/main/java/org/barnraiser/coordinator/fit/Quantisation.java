package org.barnraiser.coordinator.fit;

import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableLongArray;
import org.barnraiser.coordinator.plan.ModelNeeds;
import org.barnraiser.coordinator.plan.Work;

/** Ways to store weights that people publish, and how many bits a weight takes on average; the finest first. */
enum Quantisation {
    Q8_0(8.5), Q6_K(6.6), Q5_K_M(5.7), Q4_K_M(4.85), Q3_K_M(3.9), Q2_K(3.0), IQ2_XXS(2.1);

    private final double bits;

    Quantisation(double bits) {
        this.bits = bits;
    }

    double bits() {
        return bits;
    }

    /** What the model would take, stored so. */
    ModelNeeds applied(ModelNeeds needs, double presentBits) {
        double factor = bits / presentBits;
        Work work = needs.work();
        return new ModelNeeds(
                ImmutableLongArray.copyOf(needs.layerBytes().stream().map(bytes -> Math.round(bytes * factor))),
                Math.round(needs.headBytes() * factor), Math.round(needs.tailBytes() * factor),
                needs.everyStageBytes(), needs.cacheBytesPerToken(), needs.cacheTokens(), needs.cutPoints(),
                new Work(scaled(work.layerBytes(), factor), scaled(work.layerExpertBytes(), factor),
                        work.expertShare(), work.tailBytes() * factor, work.layerOperations(), work.tailOperations(),
                        work.hiddenBytes()));
    }

    private static ImmutableDoubleArray scaled(ImmutableDoubleArray bytes, double factor) {
        return ImmutableDoubleArray.copyOf(bytes.stream().map(value -> value * factor));
    }
}

package org.barnraiser.coordinator.fit;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.barnraiser.coordinator.plan.ModelNeeds;
import org.barnraiser.coordinator.plan.Work;

/**
 * A model of which only a few numbers are known. What follows from them is typical of today's models and not exact.
 *
 * @param billions parameters, in billions
 * @param activeBillions parameters that one token uses; fewer than all in a mixture of experts
 * @param bits bits per parameter, with what the quantisation adds
 * @param contextTokens tokens that one conversation may use
 * @param slots conversations at the same time
 */
public record Sizes(double billions, double activeBillions, double bits, int layers, int contextTokens, int slots) {
    /** A layer has about 12 times the square of its width in parameters, if all of them are used for each token. */
    private static final double PARAMETERS_PER_SQUARE = 12;
    private static final double VOCABULARY = 128_000;
    /** Small models share one matrix between input and output, and it never dominates. */
    private static final double MOST_IN_VOCABULARY = 0.2;
    /** Keys and values of eight heads of 128, in 16 bits. */
    private static final double MOST_CACHE_BYTES = 2 * 8 * 128 * 2;
    /** What llama.cpp needs beside weights and cache on each machine, roughly. */
    private static final long EVERY_STAGE_BYTES = 300_000_000;

    public Model toModel() {
        double bytesPerParameter = bits / 8;
        double width = Math.sqrt(activeBillions * 1e9 / layers / PARAMETERS_PER_SQUARE);
        double vocabulary = Math.min(VOCABULARY * width, MOST_IN_VOCABULARY * billions * 1e9) * bytesPerParameter;
        double perLayer = (billions * 1e9 * bytesPerParameter - 2 * vocabulary) / layers;
        long cachePerToken = Math.round(Math.min(MOST_CACHE_BYTES, 4 * width));
        ImmutableLongArray layerBytes = each(Math.round(perLayer));
        ModelNeeds needs = new ModelNeeds(layerBytes, Math.round(vocabulary), Math.round(vocabulary),
                EVERY_STAGE_BYTES, each(cachePerToken), Math.multiplyExact(contextTokens, slots),
                ImmutableIntArray.copyOf(IntStream.rangeClosed(0, layers)),
                Work.mixture(layerBytes, Math.round(vocabulary), Math.min(1, activeBillions / billions)));
        return new Model(needs, true);
    }

    private ImmutableLongArray each(long bytes) {
        return ImmutableLongArray.copyOf(LongStream.generate(() -> bytes).limit(layers));
    }
}

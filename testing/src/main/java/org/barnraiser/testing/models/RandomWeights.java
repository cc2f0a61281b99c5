package org.barnraiser.testing.models;

import java.util.SplittableRandom;

/** The values of one tensor, in order: a pure function of the seed, the tensor's name and its role. Not thread-safe. */
final class RandomWeights {

    /** The deviation of a sum of four uniform 16-bit numbers. */
    private static final double DEVIATION_OF_SUM = 65_536 / Math.sqrt(3);
    private static final double MEAN_OF_SUM = 4 * 65_535 / 2.0;

    private final SplittableRandom random;
    private final float mean;
    private final float deviation;

    RandomWeights(long seed, TensorShape tensor) {
        random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + hash(tensor.name()));
        mean = switch (tensor.role()) {
            case MATRIX, FULL_PRECISION_MATRIX, BIAS -> 0;
            case NORM -> 1;
            case ROPE_FACTORS -> 1.5f;
        };
        deviation = switch (tensor.role()) {
            case MATRIX, FULL_PRECISION_MATRIX -> (float) (1 / Math.sqrt((double) tensor.columns()));
            case NORM, BIAS, ROPE_FACTORS -> 0.1f;
        };
    }

    /** The next {@code values.length} values. */
    void fill(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = mean + deviation * bell();
        }
    }

    /**
     * Nearly normal, by the central limit: a sum of four uniform numbers. Whole numbers up to the last step make it the
     * same on every machine, and it is fast enough for models of gigabytes.
     */
    private float bell() {
        long bits = random.nextLong();
        long sum = (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48);
        return (float) (((double) sum - MEAN_OF_SUM) / DEVIATION_OF_SUM);
    }

    /** 64-bit FNV-1a. */
    private static long hash(String name) {
        long hash = 0xCBF29CE484222325L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001B3L;
        }
        return hash;
    }
}

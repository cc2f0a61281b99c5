package org.barnraiser.coordinator.bench;

import java.util.Collection;

/** Order statistics of a few measured values. */
public final class Statistics {

    private Statistics() {}

    public static double median(Collection<Double> values) {
        return quantile(values, 0.5);
    }

    /**
     * The value below which the share {@code q} of the values lies, between neighbours by straight line.
     *
     * @throws IllegalArgumentException when there are no values or q is not in [0, 1]
     */
    public static double quantile(Collection<Double> values, double q) {
        if (values.isEmpty() || !(q >= 0 && q <= 1)) {
            throw new IllegalArgumentException("quantile " + q + " of " + values.size() + " values");
        }
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        double place = q * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}

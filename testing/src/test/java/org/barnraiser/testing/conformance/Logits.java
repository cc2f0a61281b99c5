package org.barnraiser.testing.conformance;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.barnraiser.proto.Step;
import org.barnraiser.worker.llama.LlamaContext;

/** The logits of every token that a script wanted sampled, in order, bit for bit. */
final class Logits {

    private final List<int[]> rows = new ArrayList<>();

    /** Takes what the context has computed for the step's sampled tokens. */
    void addSampled(LlamaContext context, Step step) {
        int[] row = {0};
        StepReader.forEachRow(step, (_, _, _, sampled) -> {
            if (sampled) {
                rows.add(context.logits(row[0]).toArray(ValueLayout.JAVA_INT));
            }
            row[0]++;
        });
    }

    int rows() {
        return rows.size();
    }

    /** Says where two runs differ for the first time and by how much; empty when they are equal to the last bit. */
    String differenceTo(Logits other) {
        if (rows.size() != other.rows.size()) {
            return "%d rows instead of %d".formatted(other.rows.size(), rows.size());
        }
        for (int row = 0; row < rows.size(); row++) {
            if (!Arrays.equals(rows.get(row), other.rows.get(row))) {
                return "row %d of %d differs by up to %g (largest logit %g)".formatted(row, rows.size(),
                        largestDifference(rows.get(row), other.rows.get(row)), largest(rows.get(row)));
            }
        }
        return "";
    }

    /** Whether all are finite and not all the same: a model that says nothing proves nothing. */
    boolean areSane() {
        return rows.stream()
                .allMatch(row -> Arrays.stream(row).allMatch(bits -> Float.isFinite(Float.intBitsToFloat(bits)))
                        && Arrays.stream(row).distinct().count() > row.length / 2);
    }

    /** The likeliest token of every row, the first among equals. */
    List<Integer> likeliest() {
        return rows.stream().map(row -> IntStream.range(0, row.length).boxed()
                .max(Comparator.<Integer>comparingDouble(token -> Float.intBitsToFloat(row[token]))
                        .thenComparing(Comparator.reverseOrder()))
                .orElseThrow()).toList();
    }

    /** How much the probabilities of another run tell less than these, in nats for each row: the Kullback-Leibler divergence. */
    double divergenceOf(Logits other) {
        return IntStream.range(0, rows.size()).mapToDouble(row -> divergence(rows.get(row), other.rows.get(row)))
                .average().orElseThrow();
    }

    private static double divergence(int[] exact, int[] other) {
        double exactLog = logOfSum(exact);
        double otherLog = logOfSum(other);
        double sum = 0;
        for (int i = 0; i < exact.length; i++) {
            double logarithm = Float.intBitsToFloat(exact[i]) - exactLog;
            sum += Math.exp(logarithm) * (logarithm - (Float.intBitsToFloat(other[i]) - otherLog));
        }
        return sum;
    }

    private static double logOfSum(int[] row) {
        double most = Arrays.stream(row).mapToDouble(Float::intBitsToFloat).max().orElseThrow();
        return most + Math.log(
                Arrays.stream(row).mapToDouble(bits -> Math.exp(Float.intBitsToFloat(bits) - most)).sum());
    }

    private static double largestDifference(int[] one, int[] other) {
        double largest = 0;
        for (int i = 0; i < one.length; i++) {
            largest = Math.max(largest,
                    Math.abs(Float.intBitsToFloat(one[i]) - (double) Float.intBitsToFloat(other[i])));
        }
        return largest;
    }

    private static double largest(int[] row) {
        return Arrays.stream(row).mapToDouble(bits -> Math.abs((double) Float.intBitsToFloat(bits))).max().orElse(0);
    }
}

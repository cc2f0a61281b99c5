package org.barnraiser.testing.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.barnraiser.coordinator.bench.Statistics;

/** Figures of several candidates; the same index is the same round for all. */
final class PairedRounds {
    private final Map<String, List<Map<String, Double>>> rounds = new LinkedHashMap<>();

    void add(String candidate, Map<String, Double> figures) {
        rounds.computeIfAbsent(candidate, _ -> new ArrayList<>()).add(figures);
    }

    /** The median of a figure; NaN where no round has it. */
    private double median(String candidate, String figure) {
        List<Double> values = values(candidate, figure);
        return values.isEmpty() ? Double.NaN : Statistics.median(values);
    }

    /** The median of the ratios to the first candidate, round by round; NaN where one of them lacks the figure. */
    private double medianRatio(String candidate, String figure) {
        List<Double> values = values(candidate, figure);
        List<Double> base = values(rounds.keySet().iterator().next(), figure);
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < Math.min(values.size(), base.size()); round++) {
            ratios.add(values.get(round) / base.get(round));
        }
        return ratios.isEmpty() ? Double.NaN : Statistics.median(ratios);
    }

    private List<Double> values(String candidate, String figure) {
        return rounds.getOrDefault(candidate, List.of()).stream().filter(figures -> figures.containsKey(figure))
                .map(figures -> figures.get(figure)).toList();
    }

    private List<String> figures() {
        return rounds.values().stream().flatMap(List::stream).flatMap(figures -> figures.keySet().stream()).distinct()
                .toList();
    }

    /** Candidate → figure → median and ratio. */
    Map<String, Map<String, Map<String, Double>>> json() {
        Map<String, Map<String, Map<String, Double>>> json = new LinkedHashMap<>();
        for (String candidate : rounds.keySet()) {
            Map<String, Map<String, Double>> one = new LinkedHashMap<>();
            for (String figure : figures()) {
                double median = median(candidate, figure);
                if (!Double.isNaN(median)) {
                    double ratio = medianRatio(candidate, figure);
                    one.put(figure, Double.isNaN(ratio)
                            ? Map.of("median", median)
                            : Map.of("median", median, "ratio", ratio));
                }
            }
            json.put(candidate, one);
        }
        return json;
    }

    /** A table for each figure, one below the other. */
    void print(PrintWriter out) {
        out.printf("  %-52s", "");
        rounds.keySet().forEach(candidate -> out.printf("%24s", candidate));
        out.println();
        for (String figure : figures()) {
            out.printf("  %-52s", figure);
            for (String candidate : rounds.keySet()) {
                double median = median(candidate, figure);
                double ratio = medianRatio(candidate, figure);
                out.print(Double.isNaN(median)
                        ? " ".repeat(24)
                        : String.format(Locale.ROOT, "%14.2f  %8s", median,
                                Double.isNaN(ratio) ? "" : String.format(Locale.ROOT, "(%.3f)", ratio)));
            }
            out.println();
        }
    }
}

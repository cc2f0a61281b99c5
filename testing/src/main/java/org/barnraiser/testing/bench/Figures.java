package org.barnraiser.testing.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.barnraiser.coordinator.bench.GroupResult;
import org.barnraiser.coordinator.bench.LoadResult;
import org.barnraiser.coordinator.bench.Measurement;
import org.barnraiser.coordinator.bench.Statistics;

/** What is compared of a load's result, by name; names of a scenario with several groups begin with the group's. */
final class Figures {
    private static final String TOKENS = "tokens/s";
    private static final String FIRST = "first token ms";
    private static final String BETWEEN = "between tokens ms";
    private static final String BUSY = "busiest stage";
    private static final String BOUND = "of the bound";

    private Figures() {}

    /**
     * @param delayMillis of each of {@code hops} links, one way
     */
    static Map<String, Double> of(LoadResult result, int hops, double delayMillis) {
        Map<String, Double> figures = new LinkedHashMap<>();
        boolean several = result.groups().size() > 1;
        for (GroupResult group : result.groups()) {
            String of = several ? group.group().name() + ": " : "";
            figures.put(of + TOKENS, group.decodeTokensPerSecond());
            figures.put(of + FIRST, group.quantile(0.5, Measurement::timeToFirstTokenMillis));
            for (int turn = 1; turn < group.turns().size(); turn++) {
                figures.put(of + FIRST + ", turn " + (turn + 1), Statistics
                        .median(group.turns().get(turn).stream().map(Measurement::timeToFirstTokenMillis).toList()));
            }
            putGaps(figures, of + BETWEEN, group.gapsMillis());
            for (GroupResult other : result.groups()) {
                if (group.isBefore(other)) {
                    String name = other.group().name();
                    putGaps(figures, of + BETWEEN + " before " + name, group.gapsMillisBefore(other));
                    putGaps(figures, of + BETWEEN + " while reading " + name, group.gapsMillisWhileReading(other));
                }
            }
        }
        if (!result.stages().stages().isEmpty()) {
            figures.put(BUSY, result.busiestShare());
            GroupResult only = result.groups().getFirst();
            if (!several && only.group().readers() == 1 && delayMillis > 0) {
                double millisPerToken = 1e3 / only.decodeTokensPerSecond();
                figures.put(BOUND, millisPerToken / (result.computeMillisPerStep() + hops * delayMillis));
            }
        }
        return figures;
    }

    private static void putGaps(Map<String, Double> figures, String name, List<Double> gaps) {
        if (!gaps.isEmpty()) {
            figures.put(name + ", median", Statistics.median(gaps));
            figures.put(name + ", p99", Statistics.quantile(gaps, 0.99));
        }
    }
}

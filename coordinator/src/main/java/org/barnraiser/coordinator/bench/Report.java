package org.barnraiser.coordinator.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Results in words, numbers and JSON. */
final class Report {
    private static final String ROW = "%-14s %8s %8s %10s %10s | %8s %8s | %7s %7s %7s | %5s%n";

    private Report() {}

    /** What one load gave, for machines to read. */
    static Map<String, Object> json(String model, LoadResult result) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model", model);
        json.put("seconds", result.seconds());
        json.put("tokensPerSecond", result.tokensPerSecond());
        if (result.groups().size() == 1) {
            json.putAll(json(result.groups().getFirst()));
        } else {
            json.put("groups", result.groups().stream().map(group -> {
                Map<String, Object> one = json(group);
                one.put("tokensPerSecond", group.tokensPerSecond());
                result.groups().stream().filter(group::isBefore).forEach(other -> {
                    putGaps(one, "Before_" + other.group().name(), group.gapsMillisBefore(other));
                    putGaps(one, "WhileReading_" + other.group().name(), group.gapsMillisWhileReading(other));
                    putFirst(one, "Before_" + other.group().name(), group.firstMillisBefore(other));
                    putFirst(one, "Beside_" + other.group().name(), group.firstMillisBeside(other));
                });
                return one;
            }).toList());
        }
        json.put("stages", result.stages().stages().stream().map(stage -> Map.of("worker", stage.worker(), "steps",
                stage.steps(), "stepMillis", stage.stepMillis(), "busyShare", result.busyShare(stage))).toList());
        return json;
    }

    private static Map<String, Object> json(GroupResult result) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", result.group().name());
        json.put("streams", result.group().readers());
        json.put("answers", result.answers().size());
        json.put("tokens", result.tokens());
        json.put("tokensPerSecondPerStreamMedian", result.quantile(0.5, Measurement::tokensPerSecond));
        json.put("timeToFirstTokenMillisMedian", result.quantile(0.5, Measurement::timeToFirstTokenMillis));
        json.put("timeToFirstTokenMillisP95", result.quantile(0.95, Measurement::timeToFirstTokenMillis));
        if (result.turns().size() > 1) {
            json.put("timeToFirstTokenMillisMedianByTurn", result.turns().stream().map(Report::firstMedian).toList());
        }
        json.put("promptTokens", result.answers().stream().mapToInt(Measurement::promptTokens).sum());
        json.put("cachedTokens", result.answers().stream().mapToInt(Measurement::cachedTokens).sum());
        putGaps(json, "", result.gapsMillis());
        return json;
    }

    private static double firstMedian(List<Measurement> turn) {
        return Statistics.median(turn.stream().map(Measurement::timeToFirstTokenMillis).toList());
    }

    private static void putFirst(Map<String, Object> json, String when, List<Double> millis) {
        if (!millis.isEmpty()) {
            json.put("timeToFirstTokenMillisMedian" + when, Statistics.median(millis));
            json.put("timeToFirstTokenMillisP95" + when, Statistics.quantile(millis, 0.95));
        }
    }

    private static void putGaps(Map<String, Object> json, String when, List<Double> gaps) {
        if (!gaps.isEmpty()) {
            json.put("interTokenMillisMedian" + when, Statistics.median(gaps));
            json.put("interTokenMillisP95" + when, Statistics.quantile(gaps, 0.95));
            json.put("interTokenMillisP99" + when, Statistics.quantile(gaps, 0.99));
        }
    }

    static String header() {
        return String.format(Locale.ROOT, ROW, "", "readers", "tokens", "tokens/s", "per reader", "first", "p95",
                "between", "p95", "p99", "busy");
    }

    /** A line for each group, and for each that began while another wrote, what that meant to the other. */
    static String rows(LoadResult result) {
        List<String> rows = new ArrayList<>();
        for (GroupResult group : result.groups()) {
            List<Double> gaps = group.gapsMillis();
            rows.add(String.format(Locale.ROOT, ROW, group.group().name(), group.group().readers(), group.tokens(),
                    number(group.tokensPerSecond()), number(group.quantile(0.5, Measurement::tokensPerSecond)),
                    number(group.quantile(0.5, Measurement::timeToFirstTokenMillis)),
                    number(group.quantile(0.95, Measurement::timeToFirstTokenMillis)), quantile(gaps, 0.5),
                    quantile(gaps, 0.95), quantile(gaps, 0.99),
                    result.stages().stages().isEmpty() ? "" : number(result.busiestShare())));
            if (group.turns().size() > 1) {
                rows.add("  first token by turn: " + group.turns().stream().map(turn -> number(firstMedian(turn)))
                        .collect(Collectors.joining(", ")) + " ms\n");
            }
            result.groups().stream().filter(group::isBefore)
                    .forEach(other -> rows.add(String.format(Locale.ROOT,
                            "  between tokens, p99: %s ms before \"%s\", %s ms while it was read%n",
                            quantile(group.gapsMillisBefore(other), 0.99), other.group().name(),
                            quantile(group.gapsMillisWhileReading(other), 0.99))));
            result.groups().stream().filter(other -> group.isBefore(other) && !group.firstMillisBeside(other).isEmpty())
                    .forEach(other -> rows.add(String.format(Locale.ROOT,
                            "  first word, median and p95: %s and %s ms before \"%s\", %s and %s ms beside it%n",
                            quantile(group.firstMillisBefore(other), 0.5),
                            quantile(group.firstMillisBefore(other), 0.95),
                            other.group().name(), quantile(group.firstMillisBeside(other), 0.5),
                            quantile(group.firstMillisBeside(other), 0.95))));
        }
        return String.join("", rows);
    }

    private static String quantile(List<Double> values, double q) {
        return values.isEmpty() ? "" : number(Statistics.quantile(values, q));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
    }
}

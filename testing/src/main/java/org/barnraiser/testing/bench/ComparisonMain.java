package org.barnraiser.testing.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.barnraiser.coordinator.bench.Measurement;
import org.barnraiser.coordinator.bench.Statistics;
import org.barnraiser.coordinator.bench.StreamingClient;
import org.barnraiser.coordinator.cli.Barn;
import org.barnraiser.testing.cluster.RunningBarn;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code barn bench --model FILE}: one stream, the same file and one thread each, unsplit in one process and split over 1, 2, 3
 * workers. All of them are loaded before the first measurement; rounds take turns, so that a machine whose speed
 * drifts slows all alike; ratios are taken round by round.
 */
@Command(name = "compare", mixinStandardHelpOptions = true, description = "Compares Barnraiser with llama.cpp alone.")
public final class ComparisonMain implements Callable<Integer> {
    private static final Duration START_PATIENCE = Duration.ofMinutes(5);

    @Spec
    private CommandSpec spec;

    @Option(names = "--model", required = true, paramLabel = "FILE", description = "GGUF file.")
    private Path model;

    @Option(names = "--workers", split = ",", defaultValue = "1,2,3", description = "Worker counts (default: ${DEFAULT-VALUE}).")
    private List<Integer> workers;

    @Option(names = "--rounds", defaultValue = "7", description = "Rounds after one that is not counted (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--max-tokens", defaultValue = "64", description = "Tokens per answer (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Option(names = "--context", defaultValue = "512", description = "Context of each sequence (default: ${DEFAULT-VALUE}).")
    private int contextTokens;

    @Option(names = "--prompt-words", defaultValue = "32", description = "Words in the prompt (default: ${DEFAULT-VALUE}).")
    private int promptWords;

    @Option(names = "--json", description = "Print the results as JSON.")
    private boolean json;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    private ComparisonMain() {}

    public static void main(String[] arguments) {
        List<String> options = new ArrayList<>(List.of(arguments));
        options.remove("compare");
        System.exit(Barn.commandLine(new ComparisonMain()).execute(options.toArray(String[]::new)));
    }

    /** Something that answers a prompt and tells how long it took. */
    private interface Measured {
        Measurement measure(String prompt, int maxTokens) throws IOException, InterruptedException;
    }

    /** One of those compared, with what was measured so far; the same index is the same round for all. */
    private record Candidate(String name, Measured measured, List<Measurement> rounds) {
        Candidate(String name, Measured measured) {
            this(name, measured, new ArrayList<>());
        }

        double median(ToDoubleFunction<Measurement> value) {
            return Statistics.median(rounds.stream().mapToDouble(value).boxed().toList());
        }

        /** The median of the ratios to another candidate, round by round. */
        double medianRatio(Candidate base, ToDoubleFunction<Measurement> value) {
            List<Double> ratios = new ArrayList<>();
            for (int round = 0; round < rounds.size(); round++) {
                ratios.add(value.applyAsDouble(rounds.get(round)) / value.applyAsDouble(base.rounds.get(round)));
            }
            return Statistics.median(ratios);
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!Files.isReadable(model)) {
            throw new IOException("the model file " + model + " cannot be read.");
        }
        List<AutoCloseable> started = new ArrayList<>();
        try {
            List<Candidate> candidates = start(started);
            for (int round = 0; round <= rounds; round++) {
                for (Candidate candidate : candidates) {
                    Measurement one = candidate.measured().measure(prompt(round), maxTokens);
                    if (round > 0) {
                        candidate.rounds().add(one);
                    }
                }
            }
            report(candidates);
        } finally {
            for (AutoCloseable process : started.reversed()) {
                close(process);
            }
        }
        return 0;
    }

    private List<Candidate> start(List<AutoCloseable> started) throws IOException, InterruptedException {
        List<Candidate> candidates = new ArrayList<>();
        UnsplitProcess unsplit = new UnsplitProcess(model, contextTokens);
        started.add(unsplit);
        candidates.add(new Candidate("unsplit llama.cpp", unsplit::measure));
        for (int count : workers) {
            Path data = Files.createTempDirectory("barnraiser-bench");
            started.add(() -> deleteRecursively(data));
            RunningBarn barn = RunningBarn.start(RunningBarn.Settings.demo(count, data).withModel(model)
                    .withOptions("--context", Integer.toString(contextTokens), "--slots", "1"), Map.of());
            started.add(barn);
            barn.awaitReady(START_PATIENCE);
            StreamingClient client = new StreamingClient(barn.url(), START_PATIENCE);
            started.add(client);
            String name = client.firstModel();
            candidates.add(new Candidate("Barnraiser, workers: " + count,
                    (prompt, tokens) -> client.measure(name, prompt, tokens)));
        }
        return candidates;
    }

    private String prompt(int round) {
        return "Round " + round + ":" + " raise".repeat(promptWords);
    }

    private void report(List<Candidate> candidates) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Candidate base = candidates.getFirst();
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Candidate candidate : candidates) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("candidate", candidate.name());
            row.put("tokensPerSecond", candidate.median(Measurement::tokensPerSecond));
            row.put("ratio", candidate.medianRatio(base, Measurement::tokensPerSecond));
            row.put("timeToFirstTokenMillis", candidate.median(Measurement::timeToFirstTokenMillis));
            row.put("timeToFirstTokenRatio", candidate.medianRatio(base, Measurement::timeToFirstTokenMillis));
            rows.add(row);
        }
        if (json) {
            out.println(new ObjectMapper().writeValueAsString(rows));
        } else {
            out.printf("%s, one stream, %d tokens, medians of %d rounds%n", model.getFileName(), maxTokens, rounds);
            out.printf("%-26s %10s %8s %14s %8s%n", "", "tokens/s", "ratio", "first token ms", "ratio");
            rows.forEach(row -> out.printf(Locale.ROOT, "%-26s %10.2f %8.3f %14.1f %8.3f%n", row.values().toArray()));
        }
        out.flush();
    }

    private static void close(AutoCloseable process) throws IOException {
        try {
            process.close();
        } catch (Exception e) {
            throw new IOException("could not clean up: " + e.getMessage(), e);
        }
    }

    private static void deleteRecursively(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}

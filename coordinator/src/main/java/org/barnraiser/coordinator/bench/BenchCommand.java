package org.barnraiser.coordinator.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.barnraiser.coordinator.account.Credential;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code barn bench}: load on a running endpoint, with a table of results. */
@Command(name = "bench", mixinStandardHelpOptions = true, description = "Measures how fast a running endpoint answers.")
public final class BenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--url", defaultValue = "http://localhost:8080", description = "The endpoint (default: ${DEFAULT-VALUE}).")
    private URI url;

    @Mixin
    private Credential credential;

    @Option(names = "--streams", defaultValue = "1", description = "Answers at the same time (default: ${DEFAULT-VALUE}).")
    private int streams;

    @Option(names = "--requests", defaultValue = "3", description = "Answers per stream, one after the other (default: ${DEFAULT-VALUE}).")
    private int requests;

    @Option(names = "--max-tokens", defaultValue = "64", description = "Tokens per answer (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Option(names = "--prompt-words", defaultValue = "32", description = "Words in each prompt (default: ${DEFAULT-VALUE}).")
    private int promptWords;

    @Option(names = "--model", hidden = true, description = "Handled by the comparison with unsplit llama.cpp.")
    private String model = "";

    @Option(names = "--json", description = "Print the results as JSON.")
    private boolean json;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    public BenchCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        if (streams < 1 || requests < 1 || maxTokens < 2 || promptWords < 1) {
            throw new IOException(
                    "--streams, --requests and --prompt-words must be at least 1, --max-tokens at least 2.");
        }
        try (StreamingClient client = new StreamingClient(url, Duration.ofMinutes(30), credential)) {
            String name = model.isEmpty() ? client.firstModel() : model;
            client.measure(name, prompt(0), 2); // the first answer ever warms caches on both sides
            long startNanos = System.nanoTime();
            List<Measurement> measured = run(client, name);
            report(name, measured, (System.nanoTime() - startNanos) / 1e9);
        }
        return 0;
    }

    private List<Measurement> run(StreamingClient client, String name) throws InterruptedException, ExecutionException {
        List<Measurement> measured = new ArrayList<>();
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Measurement>>> running = new ArrayList<>();
            for (int stream = 0; stream < streams; stream++) {
                int reader = stream;
                running.add(readers.submit(() -> {
                    List<Measurement> own = new ArrayList<>();
                    for (int request = 0; request < requests; request++) {
                        own.add(client.measure(name, prompt(reader * requests + request), maxTokens));
                    }
                    return own;
                }));
            }
            for (Future<List<Measurement>> reader : running) {
                measured.addAll(reader.get());
            }
        }
        return measured;
    }

    /** Different for each number, so that no answer profits from another's cache. */
    private String prompt(int number) {
        StringBuilder words = new StringBuilder("Story " + number + ":");
        for (int word = 1; word < promptWords; word++) {
            words.append(word % 2 == 0 ? " barn" : " raise");
        }
        return words.toString();
    }

    private void report(String name, List<Measurement> measured, double seconds) throws IOException {
        List<Double> firsts = measured.stream().map(Measurement::timeToFirstTokenMillis).toList();
        List<Double> rates = measured.stream().map(Measurement::tokensPerSecond).toList();
        int tokens = measured.stream().mapToInt(Measurement::tokens).sum();
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("model", name);
        results.put("streams", streams);
        results.put("answers", measured.size());
        results.put("tokens", tokens);
        results.put("seconds", seconds);
        results.put("tokensPerSecond", tokens / seconds);
        results.put("tokensPerSecondPerStreamMedian", Statistics.median(rates));
        results.put("timeToFirstTokenMillisMedian", Statistics.median(firsts));
        results.put("timeToFirstTokenMillisP95", Statistics.quantile(firsts, 0.95));
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new ObjectMapper().writeValueAsString(results));
        } else {
            results.forEach((key, value) -> out.printf("%-32s %12s%n", key,
                    value instanceof Double number ? String.format(Locale.ROOT, "%.2f", number) : value));
        }
        out.flush();
    }
}

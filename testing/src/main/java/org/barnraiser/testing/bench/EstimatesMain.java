package org.barnraiser.testing.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
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
import org.barnraiser.coordinator.bench.Measurement;
import org.barnraiser.coordinator.bench.Statistics;
import org.barnraiser.coordinator.bench.StreamingClient;
import org.barnraiser.coordinator.cli.Barn;
import org.barnraiser.testing.cluster.TestCluster;
import org.barnraiser.testing.cluster.TestClusterSettings;
import org.barnraiser.testing.cluster.TestWorker;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code barn bench --model FILE --estimates}: a model split over 1, 2, 3 workers in processes of their own, and what the plan expected
 * of each beside what it does: time per token for one reader, and by how much each worker's process grows.
 */
@Command(name = "estimates", mixinStandardHelpOptions = true, description = "Holds plans' estimates against what they do.")
public final class EstimatesMain implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    /** What a worker says when it serves and is registered. */
    private static final String READY = " is registered at ";
    private static final double MEGABYTE = 1e6;

    @Spec
    private CommandSpec spec;

    @Option(names = "--model", required = true, paramLabel = "FILE", description = "GGUF file.")
    private Path model;

    @Option(names = "--workers", split = ",", defaultValue = "1,2,3", description = "Worker counts (default: ${DEFAULT-VALUE}).")
    private List<Integer> workers;

    @Option(names = "--rounds", defaultValue = "5", description = "Answers after one that is not counted (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--max-tokens", defaultValue = "64", description = "Tokens per answer (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Option(names = "--context", defaultValue = "512", description = "Context (default: ${DEFAULT-VALUE}).")
    private int contextTokens;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    private EstimatesMain() {}

    public static void main(String[] arguments) {
        List<String> options = new ArrayList<>(List.of(arguments));
        options.removeAll(List.of("estimates", "--estimates"));
        System.exit(Barn.commandLine(new EstimatesMain()).execute(options.toArray(String[]::new)));
    }

    @Override
    public Integer call() throws Exception {
        if (!Files.isReadable(model)) {
            throw new IOException("the model file " + model + " cannot be read.");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.printf("%s, one reader, %d tokens, context %d, medians of %d rounds%n", model.getFileName(), maxTokens,
                contextTokens, rounds);
        out.printf("%-10s %-10s %-10s %12s %12s %8s%n", "split", "what", "", "estimated", "measured", "off");
        for (int count : workers) {
            Path folder = Files.createTempDirectory("barnraiser-estimates");
            try {
                compare(count, folder, out);
            } finally {
                MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
            }
        }
        return 0;
    }

    private void compare(int count, Path folder, PrintWriter out) throws Exception {
        TestClusterSettings settings = new TestClusterSettings(folder, folder.resolve("logs"),
                model.toAbsolutePath(), 0, count, 1, contextTokens, "4G",
                List.of("--stages", Integer.toString(count)), List.of("--llama-lib", "bundled"), false);
        try (TestCluster cluster = settings.start()) {
            awaitWorkers(cluster, 1);
            measureOneByOne(cluster, folder);
            Map<String, Long> before = new LinkedHashMap<>();
            for (TestWorker worker : cluster.workers()) {
                before.put(worker.name(), worker.footprint().residentBytes());
            }
            cluster.addCoordinator();
            cluster.awaitReady(PATIENCE);
            double tokenMillis = tokenMillis(cluster);
            JsonNode plan = cluster.coordinator().cluster().path("plan");
            row(out, count, "token", "ms", 1e3 / plan.path("estimate").path("tokensPerSecond").asDouble(),
                    tokenMillis);
            for (JsonNode stage : plan.path("pipelines").path(0).path("stages")) {
                TestWorker worker = cluster.worker(stage.path("worker").asText());
                long grown = worker.footprint().residentBytes() - before.getOrDefault(worker.name(), 0L);
                row(out, count, "memory", "MB", stage.path("memoryBytes").asDouble() / MEGABYTE, grown / MEGABYTE);
            }
            out.flush();
        }
    }

    /**
     * Each measures itself again, while no other does, and is then started anew: it remembers, so that measuring is no part of what its
     * process grows by.
     */
    private static void measureOneByOne(TestCluster cluster, Path folder) throws Exception {
        for (TestWorker worker : cluster.workers()) {
            worker.kill();
        }
        for (TestWorker worker : cluster.workers()) {
            MoreFiles.deleteRecursively(folder.resolve(worker.name()).resolve("speed"),
                    RecursiveDeleteOption.ALLOW_INSECURE);
            worker.start();
            cluster.await("the worker has measured itself", PATIENCE, () -> starts(worker) >= 2);
            worker.kill();
        }
        for (TestWorker worker : cluster.workers()) {
            worker.start();
        }
        awaitWorkers(cluster, 3);
    }

    private static int starts(TestWorker worker) throws IOException {
        return worker.output().split(READY, -1).length - 1;
    }

    /** Waits until each says that it is ready for the cluster, for as often as it was started. */
    private static void awaitWorkers(TestCluster cluster, int starts) throws Exception {
        cluster.await("the workers are ready", PATIENCE, () -> {
            for (TestWorker worker : cluster.workers()) {
                if (starts(worker) < starts) {
                    return false;
                }
            }
            return true;
        });
    }

    private double tokenMillis(TestCluster cluster) throws IOException, InterruptedException {
        List<Double> millis = new ArrayList<>();
        try (StreamingClient client = new StreamingClient(cluster.coordinator().url(), PATIENCE)) {
            String name = client.firstModel();
            String prompt = " raise".repeat(Math.max(1, (contextTokens - maxTokens) / 3));
            for (int round = 0; round <= rounds; round++) {
                Measurement one = client.measure(name, "Round " + round + ":" + prompt, maxTokens);
                if (round > 0) {
                    millis.add(1e3 / one.tokensPerSecond());
                }
            }
        }
        return Statistics.median(millis);
    }

    private static void row(PrintWriter out, int count, String what, String unit, double estimated, double measured) {
        out.printf(Locale.ROOT, "%-10d %-10s %-10s %12.1f %12.1f %+7.0f%%%n", count, what, unit, estimated, measured,
                (estimated / measured - 1) * 100);
    }
}

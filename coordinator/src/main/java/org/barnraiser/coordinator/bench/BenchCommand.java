package org.barnraiser.coordinator.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
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

    @Option(names = "--streams", split = ",", defaultValue = "1", paramLabel = "N", description = "Answers at the same time; several numbers are measured one after the other (default: ${DEFAULT-VALUE}).")
    private List<Integer> streams = List.of();

    @Option(names = "--requests", defaultValue = "3", description = "Answers per stream, one after the other (default: ${DEFAULT-VALUE}).")
    private int requests;

    @Option(names = "--max-tokens", defaultValue = "64", description = "Tokens per answer (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Option(names = "--prompt-words", defaultValue = "32", description = "Words in each prompt (default: ${DEFAULT-VALUE}).")
    private int promptWords;

    @Option(names = "--shared-words", defaultValue = "0", description = "Words with which all prompts begin (default: ${DEFAULT-VALUE}).")
    private int sharedWords;

    @Option(names = "--scenario", paramLabel = "FILE", description = "Groups of readers as JSON, instead of --streams and the options about prompts; docs/performance.md shows one.")
    private Optional<Path> scenario = Optional.empty();

    @Option(names = "--model", hidden = true, description = "Handled by the comparison with unsplit llama.cpp.")
    private String model = "";

    @Option(names = "--json", description = "Print the results as JSON.")
    private boolean json;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    public BenchCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Scenario> loads = loads();
        try (StreamingClient client = new StreamingClient(url, Duration.ofMinutes(30), credential)) {
            String name = model.isEmpty() ? client.firstModel() : model;
            LoadRun run = new LoadRun(client, name);
            run.warmUp();
            PrintWriter out = spec.commandLine().getOut();
            if (!json) {
                out.print(
                        "Times in milliseconds; \"busy\" is the part of the time in which the busiest stage computed.\n"
                                + Report.header());
            }
            List<Map<String, Object>> runs = new ArrayList<>();
            for (Scenario load : loads) {
                LoadResult result = run.run(load);
                runs.add(Report.json(name, result));
                if (!json) {
                    out.print(Report.rows(result));
                    out.flush();
                }
            }
            if (json) {
                out.println(new ObjectMapper()
                        .writeValueAsString(runs.size() == 1 ? runs.getFirst() : Map.of("runs", runs)));
            }
            out.flush();
        }
        return 0;
    }

    private List<Scenario> loads() throws IOException {
        if (scenario.isPresent()) {
            return List.of(Scenario.read(scenario.get()));
        }
        try {
            return streams.stream()
                    .map(readers -> Scenario.readers(readers, requests, maxTokens, promptWords, sharedWords)).toList();
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "--streams, --requests and --prompt-words must be at least 1, --max-tokens at least 2, "
                            + "and --shared-words no more than --prompt-words.",
                    e);
        }
    }
}

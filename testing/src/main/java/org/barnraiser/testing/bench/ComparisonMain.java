package org.barnraiser.testing.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.barnraiser.coordinator.bench.Group;
import org.barnraiser.coordinator.bench.Scenario;
import org.barnraiser.coordinator.cli.Barn;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code barn bench --model FILE}: the same file and one llama.cpp thread for each process, unsplit and split over 1, 2, 3
 * workers; for several readers also as many whole copies as there are workers, which is what the machine itself allows. All of them are loaded before the first measurement; rounds take turns, so that a machine whose speed
 * drifts slows all alike; ratios are taken round by round.
 */
@Command(name = "compare", mixinStandardHelpOptions = true, description = "Compares Barnraiser with llama.cpp alone, and with more or fewer workers.")
public final class ComparisonMain implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--model", required = true, paramLabel = "FILE", description = "GGUF file.")
    private Path model;

    @Option(names = "--workers", split = ",", defaultValue = "1,2,3", paramLabel = "N", description = "Worker counts (default: ${DEFAULT-VALUE}).")
    private List<Integer> workers = List.of();

    @Option(names = "--streams", split = ",", defaultValue = "1", paramLabel = "N", description = "Answers at the same time; several numbers take turns (default: ${DEFAULT-VALUE}).")
    private List<Integer> streams = List.of();

    @Option(names = "--scenario", paramLabel = "FILE", description = "Groups of readers as JSON, instead of --streams and the options about prompts.")
    private Optional<Path> scenario = Optional.empty();

    @Option(names = "--rounds", defaultValue = "7", description = "Rounds after one that is not counted (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--max-tokens", defaultValue = "64", description = "Tokens per answer (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Option(names = "--context", defaultValue = "512", description = "Context of each sequence (default: ${DEFAULT-VALUE}).")
    private int contextTokens;

    @Option(names = "--prompt-words", defaultValue = "32", description = "Words in the prompt (default: ${DEFAULT-VALUE}).")
    private int promptWords;

    @Option(names = "--emulate", paramLabel = "LINK", converter = Emulation.Converter.class, description = "Puts every link at a distance, such as rtt=20ms,rate=100mbit.")
    private Optional<Emulation> links = Optional.empty();

    @Option(names = "--bind", description = "Keep every process that computes on a core of its own (Linux).")
    private boolean bind;

    @Option(names = "--with", paramLabel = "OPTION", description = "One more option for the coordinators, such as --with=--forget; may be repeated.")
    private List<String> options = new ArrayList<>();

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

    @Override
    public Integer call() throws Exception {
        if (!Files.isReadable(model)) {
            throw new IOException("the model file " + model + " cannot be read.");
        }
        List<Scenario> loads = loads();
        List<Candidate> candidates = new ArrayList<>();
        try {
            start(candidates, loads);
            if (bind) {
                for (Candidate candidate : candidates) {
                    Cores.bind(candidate.pids());
                }
            }
            Map<Scenario, PairedRounds> results = new LinkedHashMap<>();
            for (int round = 0; round <= rounds; round++) {
                for (Scenario load : loads) {
                    Scenario now = ofRound(load, round);
                    for (Candidate candidate : candidates) {
                        if (candidate.serves(now)) {
                            Map<String, Double> figures = Figures.of(candidate.run(now), candidate.hops(),
                                    links.map(Emulation::delayMillis).orElse(0.0));
                            if (round > 0) {
                                results.computeIfAbsent(load, _ -> new PairedRounds()).add(candidate.name(), figures);
                            }
                        }
                    }
                }
            }
            report(results);
        } finally {
            for (Candidate candidate : candidates.reversed()) {
                candidate.close();
            }
        }
        return 0;
    }

    private List<Scenario> loads() throws IOException {
        if (scenario.isPresent()) {
            return List.of(Scenario.read(scenario.get()));
        }
        return streams.stream().map(readers -> Scenario.readers(readers, 1, maxTokens, promptWords, 0)).toList();
    }

    /** With questions that were not asked before. */
    private static Scenario ofRound(Scenario load, int round) {
        return new Scenario(load.about(), load.groups().stream()
                .map(group -> group.ofEdition(group.edition() + " " + round)).collect(ImmutableList.toImmutableList()));
    }

    private void start(List<Candidate> candidates, List<Scenario> loads) throws Exception {
        int slots = loads.stream()
                .mapToInt(load -> load.groups().stream().mapToInt(Group::readers).sum()).max().orElse(1);
        if (links.isEmpty() && options.isEmpty()) {
            candidates.add(UnsplitCandidate.start(1, model, contextTokens, slots));
            for (int count : workers) {
                if (count > 1 && count <= slots) {
                    candidates.add(UnsplitCandidate.start(count, model, contextTokens, slots));
                }
            }
        }
        for (int count : workers) {
            candidates.add(ClusterCandidate.start(count, model, contextTokens, slots, options, links));
        }
    }

    private void report(Map<Scenario, PairedRounds> results) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            List<Map<String, Object>> all = new ArrayList<>();
            results.forEach((load, figures) -> all.add(Map.of("load", load, "results", figures.json())));
            out.println(new ObjectMapper().writeValueAsString(all));
        } else {
            out.printf("%s, medians of %d rounds; ratios to the first, round by round%n", model.getFileName(), rounds);
            results.forEach((load, figures) -> {
                out.printf("%n%s%n", load.groups().stream().map(ComparisonMain::words).toList());
                figures.print(out);
            });
        }
        out.flush();
    }

    private static String words(Group group) {
        return String.format(Locale.ROOT, "%s: %d of them, prompts of %d words, answers of %d tokens", group.name(),
                group.readers(), group.promptWords(), group.maxTokens());
    }
}

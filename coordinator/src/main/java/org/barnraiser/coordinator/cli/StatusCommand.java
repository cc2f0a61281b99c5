package org.barnraiser.coordinator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.Streams;
import java.io.PrintWriter;
import java.net.URI;
import java.util.concurrent.Callable;
import org.barnraiser.coordinator.account.Credential;
import org.barnraiser.coordinator.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code barn status}: what runs where. Exit code 0 when all models are ready, 1 when one is not or nobody answers; with
 * {@code --watch} 0 once it is told to end.
 */
@Command(name = "status", mixinStandardHelpOptions = true, description = "Shows what runs where, and whether it is ready.")
final class StatusCommand implements Callable<Integer> {
    private static final long WATCH_MILLIS = 1_000;
    private static final String CLEAR_SCREEN = "\033[H\033[2J";

    @Spec
    private CommandSpec spec;

    @Option(names = "--url", defaultValue = "http://localhost:8080", description = "The endpoint (default: ${DEFAULT-VALUE}).")
    private URI url;

    @Mixin
    private Credential credential;

    @Option(names = "--json", description = "Print the cluster's state as JSON.")
    private boolean json;

    @Option(names = "--watch", description = "Show it anew each second, until Ctrl-C.")
    private boolean watch;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    StatusCommand() {}

    @Override
    public Integer call() throws CommandException, InterruptedException {
        if (watch) {
            watch();
            return 0;
        }
        JsonNode cluster = fetch();
        print(cluster);
        return allReady(cluster) ? 0 : 1;
    }

    /** A coordinator of an older version tells of one model alone. */
    private static boolean allReady(JsonNode cluster) {
        return cluster.path("model").path("ready").asBoolean()
                && Streams.stream(cluster.path("models")).allMatch(model -> model.path("ready").asBoolean());
    }

    private void watch() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        try (Lifetime lifetime = new Lifetime()) {
            do {
                String clear = Terminal.isThere() ? CLEAR_SCREEN : "";
                try {
                    JsonNode cluster = fetch();
                    out.print(clear);
                    print(cluster);
                } catch (CommandException e) {
                    out.println(clear + e.getMessage());
                    out.flush();
                }
            } while (!lifetime.await(WATCH_MILLIS));
        }
    }

    private void print(JsonNode cluster) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(cluster);
        } else {
            new StatusView(cluster).lines().forEach(out::println);
        }
        out.flush();
    }

    private JsonNode fetch() throws CommandException, InterruptedException {
        return ClusterState.fetch(url, credential);
    }
}

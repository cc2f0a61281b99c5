package org.barnraiser.coordinator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code barn status}: what runs where. Exit code 0 when the model is ready, 1 when it is not or nobody answers. */
@Command(name = "status", mixinStandardHelpOptions = true, description = "Shows what runs where, and whether it is ready.")
final class StatusCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--url", defaultValue = "http://localhost:8080", description = "The endpoint (default: ${DEFAULT-VALUE}).")
    private URI url;

    @Option(names = "--json", description = "Print the cluster's state as JSON.")
    private boolean json;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    StatusCommand() {}

    @Override
    public Integer call() throws CommandException, InterruptedException {
        JsonNode cluster = fetch();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(cluster);
        } else {
            print(cluster, out);
        }
        out.flush();
        return cluster.path("model").path("ready").asBoolean() ? 0 : 1;
    }

    private JsonNode fetch() throws CommandException, InterruptedException {
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(url.resolve("/api/cluster")).timeout(Duration.ofSeconds(10)).build(),
                    HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new CommandException(url + " answered HTTP " + response.statusCode() + "; is it a Barnraiser?");
            }
            return new ObjectMapper().readTree(response.body());
        } catch (IOException | IllegalArgumentException e) {
            throw new CommandException(
                    "no Barnraiser answers at " + url + "; start one with 'barn up', or name another with --url.",
                    e);
        }
    }

    private static void print(JsonNode cluster, PrintWriter out) {
        JsonNode model = cluster.path("model");
        boolean ready = model.path("ready").asBoolean();
        out.printf("model   %s  sha256:%s%n", model.path("name").asText(), model.path("digest").asText());
        out.printf("state   %s%n", ready ? "ready" : "not ready: " + model.path("reason").asText());
        out.printf("plan    epoch %d%n", cluster.path("plan").path("epoch").asLong());
        for (JsonNode pipeline : cluster.path("plan").path("pipelines")) {
            for (JsonNode stage : pipeline.path("stages")) {
                out.printf("        layers %3d to %3d  on %-20s pid %-8d %s%n", stage.path("first").asInt(),
                        stage.path("last").asInt() - 1, stage.path("worker").asText(), stage.path("pid").asLong(),
                        stage.path("address").asText());
            }
        }
        out.printf("workers %d%n", cluster.path("workers").size());
        for (JsonNode worker : cluster.path("workers")) {
            out.printf(Locale.ROOT, "        %-20s %-22s lends %.1f GB, %s%n", worker.path("worker").asText(),
                    worker.path("address").asText(), worker.path("usableMemoryBytes").asLong() / 1e9,
                    worker.path("engine").asText());
        }
    }
}

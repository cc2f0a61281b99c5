package org.barnraiser.coordinator.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Which llama.cpp a worker would take that is started here now, and why. */
final class EngineChoiceCheck implements Check {
    private static final String MAIN = "org.barnraiser.worker.engine.EngineCommand";
    private static final int MAX_OUTPUT = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path data;
    private final Optional<Path> folder;
    private final WorkerProgram worker;
    private final Duration patience;

    /**
     * @param data the data folder, with what 'barn engine install' brought
     * @param folder of a llama.cpp build that is named; empty: the best is taken
     * @param patience for all of them to be tried
     */
    EngineChoiceCheck(Path data, Optional<Path> folder, WorkerProgram worker, Duration patience) {
        this.data = data;
        this.folder = folder;
        this.worker = worker;
        this.patience = patience;
    }

    @Override
    public String subject() {
        return "engine";
    }

    @Override
    public List<Finding> findings() throws InterruptedException {
        if (!worker.isKnown() || folder.isPresent()) {
            // The check of llama.cpp tells of a folder that is named, and that the program is not known.
            return List.of();
        }
        Process process = null;
        try {
            process = new ProcessBuilder(worker.command(MAIN, List.of("list", "--json", "--data", data.toString())))
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            InputStream said = process.getInputStream();
            CompletableFuture<JsonNode> listing = CompletableFuture.supplyAsync(() -> read(said),
                    Thread::startVirtualThread);
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                return List.of(untried("not all could be tried within " + patience.toSeconds() + " s"));
            }
            return List.of(examine(listing.join()));
        } catch (IOException | CompletionException e) {
            return List.of(untried("the worker's program did not list them"));
        } finally {
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }

    private Finding untried(String why) {
        return Finding.warning(subject(), "Which llama.cpp a worker would take is not known: " + why + ".",
                "Run './barn engine list'.");
    }

    private Finding examine(JsonNode listing) {
        for (JsonNode engine : listing.path("engines")) {
            if (engine.path("chosen").asBoolean()) {
                return Finding.ok(subject(), "A worker that is started now takes llama.cpp "
                        + engine.path("build").asText() + " (" + engine.path("source").asText() + "): "
                        + listing.path("reason").asText());
            }
        }
        return Finding.broken(subject(), "No llama.cpp here can be used.",
                "Run './barn engine list', which says why each cannot.");
    }

    private static JsonNode read(InputStream stream) {
        try (stream) {
            return JSON.readTree(stream.readNBytes(MAX_OUTPUT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

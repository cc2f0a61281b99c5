package org.barnraiser.worker.engine;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.barnraiser.proto.WorkerRecord;
import org.barnraiser.worker.engine.TriedEngine.Unusable;
import org.barnraiser.worker.engine.TriedEngine.Usable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries engines, and remembers in the data folder what came of it for as long as their files stay as they are, so that a worker's start
 * need not wait for it each time.
 */
final class Trials {
    private static final Logger LOG = LoggerFactory.getLogger(Trials.class);
    private static final int AT_ONCE = 2;
    private static final String PROBLEM = "!";

    private final Path folder;
    private final EngineProbe probe;

    /** @param data the data folder */
    Trials(Path data, EngineProbe probe) {
        folder = data.resolve(SearchPlaces.INSTALLED).resolve(".tried");
        this.probe = probe;
    }

    /** What is remembered, or else found out now. Blocks; in the order of the locations. */
    List<TriedEngine> remembered(List<EngineLocation> locations) throws InterruptedException {
        return all(locations, location -> {
            Optional<TriedEngine> known = recall(location);
            return known.isPresent() ? known.get() : now(location);
        });
    }

    /** Tries all of them, whatever is remembered. */
    List<TriedEngine> afresh(List<EngineLocation> locations) throws InterruptedException {
        return all(locations, this::now);
    }

    private interface Trial {
        TriedEngine of(EngineLocation location) throws InterruptedException;
    }

    private static List<TriedEngine> all(List<EngineLocation> locations, Trial trial) throws InterruptedException {
        try (ExecutorService executor = Executors.newFixedThreadPool(AT_ONCE,
                Thread.ofVirtual().name("engine-trial-", 0).factory())) {
            List<Future<TriedEngine>> running = locations.stream()
                    .map(location -> executor.submit(() -> trial.of(location))).toList();
            List<TriedEngine> tried = new ArrayList<>();
            for (Future<TriedEngine> engine : running) {
                tried.add(engine.get());
            }
            return tried;
        } catch (ExecutionException e) {
            throw new IllegalStateException("an engine's trial failed: " + e.getCause(), e);
        }
    }

    private TriedEngine now(EngineLocation location) throws InterruptedException {
        TriedEngine tried = probe.attempt(location);
        try {
            remember(tried);
        } catch (IOException e) {
            LOG.debug("what became of {} is not remembered: {}", location, e.getMessage());
        }
        return tried;
    }

    private Optional<TriedEngine> recall(EngineLocation location) {
        try {
            Path file = file(location);
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            List<String> lines = Files.readAllLines(file);
            if (lines.size() != 2 || !lines.getFirst().equals(FileIdentity.of(location))) {
                return Optional.empty();
            }
            String result = lines.getLast();
            if (result.startsWith(PROBLEM)) {
                return Optional.of(new Unusable(location, result.substring(PROBLEM.length())));
            }
            var record = WorkerRecord.newBuilder();
            JsonFormat.parser().ignoringUnknownFields().merge(result, record);
            return Optional.of(new Usable(location, record.build()));
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty(); // of another version of Barnraiser
        } catch (IOException e) {
            LOG.debug("what became of {} cannot be read: {}", location, e.getMessage());
            return Optional.empty();
        }
    }

    private void remember(TriedEngine tried) throws IOException {
        String result = switch (tried) {
            case Usable(_, WorkerRecord record) ->
                JsonFormat.printer().omittingInsignificantWhitespace().print(record);
            case Unusable(_, String problem) -> PROBLEM + problem.replaceAll("\\R", " ");
        };
        Files.createDirectories(folder);
        Path written = Files.writeString(Files.createTempFile(folder, "new-", ""),
                FileIdentity.of(tried.location()) + "\n" + result + "\n");
        Files.move(written, file(tried.location()), StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private Path file(EngineLocation location) {
        return folder.resolve(FileIdentity.hash(location.folder().map(path -> path.toAbsolutePath().toString())
                .orElse("bundled")));
    }
}

package org.barnraiser.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A current build of llama.cpp with the second layout of its structs, which {@code build/second-llama} fetches once. */
public final class SecondLibrary {
    private static final int CANNOT = 3;
    private static final int FETCH_MINUTES = 5;

    private SecondLibrary() {}

    /** The folder with {@code libllama}; empty, with the reason on standard error, where the machine cannot have it. */
    public static synchronized Optional<Path> find() {
        try {
            Process script = new ProcessBuilder(script().toString()).redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String folder = script.inputReader().readAllAsString().strip();
            if (!script.waitFor(FETCH_MINUTES, TimeUnit.MINUTES)) {
                script.destroyForcibly();
                throw new IllegalStateException(
                        "Fetching a second llama.cpp took more than " + FETCH_MINUTES + " minutes");
            }
            return switch (script.exitValue()) {
                case 0 -> Optional.of(Path.of(folder));
                case CANNOT -> Optional.empty();
                default -> throw new IllegalStateException("A second llama.cpp cannot be fetched; the reason is above");
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Fetching a second llama.cpp was interrupted", e);
        }
    }

    private static Path script() {
        return SourceTree.root().resolve("build/second-llama");
    }
}

package org.barnraiser.helm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Programs that a machine may have or lack. */
public final class Tool {
    private static final long PATIENCE_SECONDS = 60;

    private Tool() {}

    /** Where it is; skips the test, and says so, where it is not. */
    public static Path require(String name, String debianPackage) {
        Optional<Path> found = Stream.of(System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":"))
                .map(folder -> Path.of(folder, name)).filter(Files::isExecutable).findFirst();
        if (found.isEmpty()) {
            String reason = "Skipped: there is no '" + name + "' here. Install it (apt-get install " + debianPackage
                    + ").";
            System.out.println(reason);
            Assumptions.abort(reason);
        }
        return found.orElseThrow();
    }

    /** What it said on both of its outputs, and its exit status. */
    public record Result(int status, String output) {}

    /** Runs a command to its end. */
    public static Result run(Path folder, List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("tool", ".txt");
        try {
            Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                    .redirectOutput(output.toFile()).start();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(command + " did not end within " + PATIENCE_SECONDS + " s");
            }
            return new Result(process.exitValue(), Files.readString(output));
        } finally {
            Files.delete(output);
        }
    }
}

package org.barnraiser.helm.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A program that runs as it would in its container. */
final class Contained implements AutoCloseable {
    private static final long GRACE_SECONDS = 2;
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final List<String> health;
    private final Map<String, String> environment;
    private final Path folder;
    private final Path log;

    Contained(Process process, List<String> health, Map<String, String> environment, Path folder, Path log) {
        this.process = process;
        this.health = health;
        this.environment = environment;
        this.folder = folder;
        this.log = log;
    }

    static boolean isRoot() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }

    /** Skips the test where a user without rights cannot run this JDK, as in somebody's home folder. */
    static void requireReadableJava(Path folder) throws IOException, InterruptedException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process look = process(List.of("test", "-x", java.toString()), Map.of(), Path.of("/"),
                folder.resolve("java.log"));
        if (look.waitFor() != 0) {
            String reason = "Skipped: user 1000 cannot run " + java + ".";
            System.out.println(reason);
            Assumptions.abort(reason);
        }
    }

    /** As user 1000 if this process may choose. */
    static Process process(List<String> command, Map<String, String> environment, Path folder, Path log)
            throws IOException {
        List<String> whole = new ArrayList<>();
        if (isRoot()) {
            whole.addAll(List.of("setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "--no-new-privs",
                    "--bounding-set=-all", "--"));
        }
        whole.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(whole).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().put("PATH", "/usr/local/bin:/usr/bin:/bin");
        // The base image brings its own.
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        // Compiled quickly rather than well, which halves what a start costs; health checks are such starts too.
        builder.environment().put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
        return builder.start();
    }

    /** What its health check says now. */
    boolean isHealthy() throws IOException, InterruptedException {
        Process check = process(health, environment, folder, log);
        if (!check.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            check.destroyForcibly();
            return false;
        }
        return check.exitValue() == 0;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String output() throws IOException {
        return Files.readString(log);
    }

    @Override
    public void close() {
        stop();
    }

    /** As an engine does, and by force when it does not listen. */
    void stop() {
        process.destroy();
        try {
            // A worker waits for another machine to take its layers, where there may be none; a second signal says not to.
            if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
                process.destroy();
            }
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

package org.barnraiser.testing.cluster;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program of a cluster in a small Java process of its own, which can be started again after its end. What is left running when this
 * process ends is killed. Callable from any thread.
 */
final class ClusterProcess implements AutoCloseable {
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(30);

    private final String mainClass;
    private final List<String> arguments;
    private final int heapMegabytes;
    private final boolean quickStart;
    private final File log;
    private final List<String> within;
    /** Guarded by this, as {@code stopped} is. */
    private @Nullable Process process;
    private boolean stopped;

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
    }

    /** @param log gets all output, of every start */
    ClusterProcess(String mainClass, List<String> arguments, int heapMegabytes, boolean quickStart, Path log) {
        this(mainClass, arguments, heapMegabytes, quickStart, log, List.of());
    }

    /** @param within a command that runs the rest of its line somewhere else */
    ClusterProcess(String mainClass, List<String> arguments, int heapMegabytes, boolean quickStart, Path log,
            List<String> within) {
        this.within = List.copyOf(within);
        this.quickStart = quickStart;
        this.mainClass = mainClass;
        this.arguments = List.copyOf(arguments);
        this.heapMegabytes = heapMegabytes;
        this.log = log.toFile();
    }

    private List<String> command() {
        List<String> command = new ArrayList<>(within);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx" + heapMegabytes + "m",
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=" + (quickStart ? 1 : 4), "-XX:-CreateCoredumpOnCrash",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(SharedClasses.options(mainClass));
        command.addAll(List.of("-cp", SharedClasses.classPath(), ChildMain.class.getName(), mainClass));
        command.addAll(arguments);
        return command;
    }

    /** Starts it; returns at once. */
    synchronized void start() throws IOException {
        if (isAlive()) {
            throw new IllegalStateException(mainClass + " runs already");
        }
        ProcessBuilder builder = new ProcessBuilder(command()).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        builder.environment().remove("BARN_LLAMA_LIB");
        builder.environment().put("BARN_LOG", "INFO");
        Process started = builder.start();
        RUNNING.add(started);
        var _ = started.onExit().thenAccept(RUNNING::remove);
        process = started;
        stopped = false;
    }

    synchronized boolean isAlive() {
        return process != null && process.isAlive();
    }

    synchronized boolean isStopped() {
        return stopped;
    }

    synchronized long pid() {
        return running().pid();
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException(mainClass + " was never started");
        }
        return process;
    }

    /** SIGKILL; returns when the process is gone. */
    void kill() throws InterruptedException {
        Process victim;
        synchronized (this) {
            victim = running();
        }
        victim.destroyForcibly();
        if (!victim.waitFor(KILL_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("process " + victim.pid() + " outlives SIGKILL");
        }
    }

    /** SIGTERM; waits for the exit code. */
    int terminate(Duration patience) throws InterruptedException {
        Process victim;
        synchronized (this) {
            victim = running();
        }
        victim.destroy();
        if (!victim.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException(
                    mainClass + " did not end within " + patience + " of SIGTERM; see " + log);
        }
        return victim.exitValue();
    }

    /** SIGSTOP: all its threads stand still. */
    synchronized void stop() {
        signal("STOP");
        stopped = true;
    }

    /** SIGCONT. */
    synchronized void cont() {
        signal("CONT");
        stopped = false;
    }

    private void signal(String name) {
        try {
            int status = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).inheritIO().start().waitFor();
            if (status != 0) {
                throw new IllegalStateException("cannot send SIG" + name + " to process " + pid());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while sending SIG" + name, e);
        }
    }

    Footprint footprint() throws IOException {
        return Footprint.of(pid());
    }

    String output() throws IOException {
        return Files.readString(log.toPath());
    }

    @Override
    public void close() {
        Process victim;
        synchronized (this) {
            victim = process;
        }
        if (victim != null) {
            victim.destroyForcibly();
            victim.onExit().join();
        }
    }
}

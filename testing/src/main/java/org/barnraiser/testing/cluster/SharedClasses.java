package org.barnraiser.testing.cluster;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.barnraiser.coordinator.cluster.ClusterException;
import org.barnraiser.testing.FreePort;
import org.barnraiser.testing.models.DemoModelF32;
import org.jspecify.annotations.Nullable;

/**
 * The classes of coordinators and workers, read and verified once and then mapped into every process that is started (dynamic class data
 * sharing, JEP 350), which takes a third off each start. Archives are made at the first start, by a small cluster that answers one question,
 * where {@code -Dbarnraiser.share-classes=true} asks for it. Without it, or where the programs are folders of classes rather than jars,
 * processes start as they always do.
 */
final class SharedClasses {
    private static final boolean WANTED = Boolean.getBoolean("barnraiser.share-classes")
            && paths(SharedClasses::isJar).contains("barnraiser-coordinator")
            && paths(SharedClasses::isJar).contains("barnraiser-worker");
    private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    static final String WORKER = "org.barnraiser.worker.WorkerMain";
    static final String COORDINATOR = "org.barnraiser.coordinator.cli.Barn";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long POLL_MILLIS = 100;

    /** Guarded by this class. */
    private static @Nullable SharedClasses instance;

    private final Path folder;

    private SharedClasses(Path folder) {
        this.folder = folder;
    }

    /** The options of a JVM that is to run this class, beside its class path: what was read of its classes before. */
    static synchronized List<String> options(String mainClass) {
        if (!WANTED) {
            return List.of();
        }
        if (instance == null) {
            instance = make();
        }
        Path archive = instance.archive(mainClass);
        // A JVM that finds an archive unfit says so on its standard output, and goes on without it; whoever reads that need not know.
        return Files.exists(archive) ? List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:disable") : List.of();
    }

    /** This program's, in the order that archives ask for: they serve whoever has their class path as the beginning of his own. */
    static String classPath() {
        return WANTED
                ? paths(SharedClasses::isJar) + File.pathSeparator + paths(path -> !isJar(path))
                : System.getProperty("java.class.path");
    }

    private Path archive(String mainClass) {
        return folder.resolve(mainClass + ".jsa");
    }

    private static boolean isJar(String path) {
        return path.endsWith(".jar");
    }

    private static String paths(Predicate<String> which) {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1)).filter(which)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static SharedClasses make() {
        try {
            SharedClasses made = new SharedClasses(Files.createTempDirectory("barnraiser-classes"));
            long started = System.nanoTime();
            made.train();
            System.out.printf("Classes to be shared were read in %d s.%n",
                    TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started));
            return made;
        } catch (IOException | ClusterException e) {
            throw new IllegalStateException("the classes of coordinators and workers cannot be read", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while classes were read", e);
        }
    }

    private void train() throws IOException, ClusterException, InterruptedException {
        Path data = Files.createDirectories(folder.resolve("data"));
        int port = FreePort.take();
        try (RestartableZooKeeper zooKeeper = RestartableZooKeeper.start(data.resolve("zookeeper"))) {
            String address = zooKeeper.way().address();
            Process worker = start(WORKER, "--zookeeper", address, "--listen", "127.0.0.1:0", "--name", "w",
                    "--data", data.resolve("w").toString(), "--threads", "1", "--memory", "512M", "--drain-timeout",
                    "0");
            Process coordinator = start(COORDINATOR, "coordinator", "--zookeeper", address, "--model",
                    DemoModelF32.writeTo(data).toString(), "--port", Integer.toString(port), "--data",
                    data.resolve("c").toString());
            try {
                answer(URI.create("http://127.0.0.1:" + port + "/v1/completions"), List.of(worker, coordinator));
            } finally {
                end(worker);
                end(coordinator);
            }
        }
    }

    private Process start(String mainClass, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(JAVA, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-XX:ArchiveClassesAtExit=" + archive(mainClass), "--enable-native-access=ALL-UNNAMED", "-cp",
                paths(SharedClasses::isJar), mainClass));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(folder.resolve(mainClass + ".log").toFile());
        builder.environment().remove("BARN_LLAMA_LIB");
        return builder.start();
    }

    /** Best effort: what is not read now is read by each process itself. */
    private static void answer(URI url, List<Process> processes) throws InterruptedException {
        HttpRequest question = HttpRequest.newBuilder(url).timeout(PATIENCE).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\": \"Once\", \"max_tokens\": 4}")).build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (long deadline = System.nanoTime() + PATIENCE.toNanos(); System.nanoTime() < deadline
                    && processes.stream().allMatch(Process::isAlive);) {
                try {
                    if (http.send(question, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                        return;
                    }
                } catch (IOException _) {
                    // It does not listen yet.
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        }
    }

    /** In order, as a JVM writes its archive when it ends. */
    private static void end(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
        }
    }
}

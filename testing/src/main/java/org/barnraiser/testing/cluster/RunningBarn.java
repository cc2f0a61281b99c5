package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One {@code barn up} in processes of its own, reached over HTTP as a reader would. */
public final class RunningBarn implements AutoCloseable {
    private static final Pattern READY_LINE = Pattern.compile("Barnraiser is ready at (http://\\S+)");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);

    private final Process process;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final CompletableFuture<URI> ready = new CompletableFuture<>();
    private final Queue<String> output = new ConcurrentLinkedQueue<>();
    private @Nullable URI url;

    private RunningBarn(Process process) {
        this.process = process;
        Thread.ofVirtual().name("barn-output").start(this::readOutput);
    }

    /**
     * What to start.
     *
     * @param model a GGUF file; empty for the built-in demo model
     * @param llamaLibrary a folder with a llama.cpp build; empty for the bundled one
     */
    public record Settings(Optional<Path> model, int workers, Path data, Optional<Path> llamaLibrary,
            List<String> moreOptions) {

        public static Settings demo(int workers, Path data) {
            return new Settings(Optional.empty(), workers, data, Optional.empty(), List.of());
        }

        public Settings withModel(Path file) {
            return new Settings(Optional.of(file), workers, data, llamaLibrary, moreOptions);
        }

        public Settings withLlamaLibrary(Path folder) {
            return new Settings(model, workers, data, Optional.of(folder), moreOptions);
        }

        public Settings withOptions(String... options) {
            return new Settings(model, workers, data, llamaLibrary, List.of(options));
        }

        private List<String> command() {
            String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
            String classpath = SharedClasses.classPath();
            List<String> command = new ArrayList<>(List.of(java, "-Xmx512m", "-XX:+UseSerialGC",
                    "--enable-native-access=ALL-UNNAMED"));
            command.addAll(SharedClasses.options(SharedClasses.COORDINATOR));
            command.addAll(List.of("-Dbarn.worker.classpath=" + classpath, "-cp", classpath,
                    SharedClasses.COORDINATOR, "up", "--port", "0", "--threads", "1", "--workers",
                    Integer.toString(workers), "--data", data.toString()));
            model.ifPresent(file -> command.addAll(List.of("--model", file.toString())));
            // Not whatever else a worker would find on this machine.
            command.addAll(List.of("--llama-lib", llamaLibrary.map(Path::toString).orElse("bundled")));
            command.addAll(moreOptions);
            return command;
        }
    }

    /** Starts the processes; returns at once. Their code is compiled quickly rather than well, which halves what a start costs. */
    public static RunningBarn start(Settings settings) throws IOException {
        // The workers, which it starts itself, hear of it; what is said to itself comes after this and counts.
        List<String> options = new ArrayList<>(SharedClasses.options(SharedClasses.WORKER));
        options.add("-XX:TieredStopAtLevel=1");
        return start(settings, Map.of("JDK_JAVA_OPTIONS", String.join(" ", options)));
    }

    /** As users start it, with more variables in the processes' environment. */
    public static RunningBarn start(Settings settings, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(settings.command()).redirectErrorStream(true);
        builder.environment().remove("BARN_LLAMA_LIB");
        builder.environment().putAll(environment);
        return new RunningBarn(builder.start());
    }

    private void readOutput() {
        try (BufferedReader lines = process.inputReader()) {
            String line;
            while ((line = lines.readLine()) != null) {
                output.add(line);
                Matcher match = READY_LINE.matcher(line);
                if (match.find()) {
                    ready.complete(URI.create(match.group(1)));
                }
            }
            ready.completeExceptionally(new IOException("ended before it was ready:\n" + output()));
        } catch (IOException e) {
            ready.completeExceptionally(e);
        }
    }

    /** Waits for the line that says so. */
    public RunningBarn awaitReady(Duration patience) throws IOException, InterruptedException {
        try {
            url = ready.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return this;
        } catch (ExecutionException e) {
            throw new IOException("Barnraiser did not start: " + e.getMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException("Barnraiser is not ready after " + patience + ":\n" + output(), e);
        }
    }

    public URI url() {
        if (url == null) {
            throw new IllegalStateException("not ready yet");
        }
        return url;
    }

    /** What the processes printed so far. */
    public String output() {
        return String.join("\n", output);
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(url().resolve(path)).timeout(Duration.ofSeconds(30)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    public HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        return http.send(request(path, json), HttpResponse.BodyHandlers.ofString());
    }

    /** A POST request to this Barnraiser, for callers that read the answer in their own way. */
    public HttpRequest request(String path, String json) {
        return HttpRequest.newBuilder(url().resolve(path)).timeout(Duration.ofMinutes(2))
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(json)).build();
    }

    public HttpClient http() {
        return http;
    }

    /** {@code /api/cluster}, parsed. */
    public JsonNode cluster() throws IOException, InterruptedException {
        return JSON.readTree(get("/api/cluster").body());
    }

    /** The stages of the only pipeline, head first. */
    public JsonNode stages() throws IOException, InterruptedException {
        return cluster().path("plan").path("pipelines").path(0).path("stages");
    }

    /** Ends the worker of a stage as a crash would: SIGKILL. */
    public void killStage(int index) throws IOException, InterruptedException {
        long pid = stages().path(index).path("pid").asLong();
        ProcessHandle worker = ProcessHandle.of(pid)
                .orElseThrow(
                        () -> new IOException("stage " + index + " names the process " + pid + ", which is not there"));
        worker.destroyForcibly();
        worker.onExit().join();
    }

    /** The main process and all that it started. */
    public List<ProcessHandle> processes() {
        List<ProcessHandle> all = new ArrayList<>(List.of(process.toHandle()));
        process.descendants().forEach(all::add);
        return all;
    }

    /** SIGTERM, as a service manager does; waits for the exit code. */
    public int terminate() throws InterruptedException, IOException {
        process.destroy();
        if (!process.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IOException("Barnraiser did not stop within " + STOP_PATIENCE + ":\n" + output());
        }
        return process.exitValue();
    }

    /** SIGKILL of the main process alone. */
    public void kill() {
        process.destroyForcibly();
    }

    /** Ends everything, by force where asking does not help. */
    @Override
    public void close() {
        List<ProcessHandle> all = processes();
        process.destroy();
        try {
            if (!process.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                all.forEach(ProcessHandle::destroyForcibly);
            }
        } catch (InterruptedException _) {
            all.forEach(ProcessHandle::destroyForcibly);
            Thread.currentThread().interrupt();
        }
        http.shutdownNow();
    }
}

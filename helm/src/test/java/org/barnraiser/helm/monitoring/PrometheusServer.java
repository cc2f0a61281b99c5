package org.barnraiser.helm.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.barnraiser.helm.Tool;
import org.barnraiser.testing.FreePort;

import static org.awaitility.Awaitility.await;

/** A Prometheus of its own that looks at one Barnraiser every second. */
final class PrometheusServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final URI url;
    private final HttpClient http = HttpClient.newHttpClient();

    private PrometheusServer(Process process, URI url) {
        this.process = process;
        this.url = url;
    }

    /** Starts it, or skips the test where there is none. */
    static PrometheusServer start(URI barnraiser, Path rules, Path folder) throws IOException {
        Path program = Tool.require("prometheus", "prometheus");
        Path configuration = Files.writeString(folder.resolve("prometheus.yml"), """
                                                                                 global:
                                                                                   scrape_interval: 1s
                                                                                   evaluation_interval: 1s
                                                                                 rule_files: ['%s']
                                                                                 scrape_configs:
                                                                                   - job_name: barnraiser
                                                                                     static_configs:
                                                                                       - targets: ['%s']
                                                                                 """.formatted(rules,
                barnraiser.getAuthority()));
        int port = FreePort.take();
        Process process = new ProcessBuilder(program.toString(), "--config.file=" + configuration,
                "--storage.tsdb.path=" + folder.resolve("prometheus"), "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true).redirectOutput(folder.resolve("prometheus.log").toFile()).start();
        PrometheusServer server = new PrometheusServer(process, URI.create("http://127.0.0.1:" + port));
        try {
            await().atMost(PATIENCE).ignoreExceptions().until(() -> server.get("/-/ready").statusCode() == 200);
        } catch (RuntimeException e) {
            server.close();
            throw new IOException("Prometheus did not start:\n" + Files.readString(folder.resolve("prometheus.log")),
                    e);
        }
        return server;
    }

    /** The series that an expression gives now. */
    JsonNode query(String expression) throws IOException, InterruptedException {
        return result("/api/v1/query?query=" + encoded(expression)).path("result");
    }

    /** The series that an expression gave over a time. */
    JsonNode query(String expression, long fromEpochSeconds, long toEpochSeconds)
            throws IOException, InterruptedException {
        return result("/api/v1/query_range?query=" + encoded(expression) + "&start=" + fromEpochSeconds + "&end="
                + toEpochSeconds + "&step=1").path("result");
    }

    /** The rules, and how their evaluation went. */
    JsonNode rules() throws IOException, InterruptedException {
        return result("/api/v1/rules").path("groups");
    }

    private JsonNode result(String path) throws IOException, InterruptedException {
        JsonNode answer = JSON.readTree(get(path).body());
        if (!answer.path("status").asText().equals("success")) {
            throw new IOException(path + ": " + answer.path("error").asText());
        }
        return answer.path("data");
    }

    private java.net.http.HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(url.resolve(path)).timeout(PATIENCE).build(), BodyHandlers.ofString());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        http.shutdownNow();
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

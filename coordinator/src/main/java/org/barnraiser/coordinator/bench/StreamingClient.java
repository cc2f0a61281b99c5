package org.barnraiser.coordinator.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.barnraiser.coordinator.account.Credential;

/** Asks an OpenAI-compatible endpoint for a streamed completion and times it. Thread-safe. */
public final class StreamingClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DATA = "data: ";

    private final URI base;
    private final Duration timeout;
    private final Credential credential;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    public StreamingClient(URI base, Duration timeout) {
        this(base, timeout, new Credential());
    }

    /** @param credential shown with every request */
    StreamingClient(URI base, Duration timeout, Credential credential) {
        this.credential = credential;
        this.base = base;
        this.timeout = timeout;
    }

    /** The name of the first model that the endpoint lists. */
    public String firstModel() throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(
                credential.addTo(HttpRequest.newBuilder(base.resolve("/v1/models")), base).timeout(timeout).build(),
                HttpResponse.BodyHandlers.ofString());
        JsonNode id = parse(response.body()).path("data").path(0).path("id");
        if (response.statusCode() != 200 || !id.isTextual()) {
            throw new IOException(base + " does not list a model (HTTP " + response.statusCode() + ")");
        }
        return id.textValue();
    }

    /** One greedy answer of exactly {@code maxTokens} tokens, whatever the model would rather do. */
    public Measurement measure(String model, String prompt, int maxTokens) throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode().put("model", model).put("prompt", prompt).put("max_tokens", maxTokens)
                .put("temperature", 0).put("ignore_eos", true).put("stream", true);
        body.putObject("stream_options").put("include_usage", true);
        HttpRequest request = credential.addTo(HttpRequest.newBuilder(base.resolve("/v1/completions")), base)
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body))).build();
        long startNanos = System.nanoTime();
        HttpResponse<Stream<String>> response = http.send(request, HttpResponse.BodyHandlers.ofLines());
        try (Stream<String> lines = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException(base + " answered HTTP " + response.statusCode() + ": " + error(lines));
            }
            return time(lines.iterator(), startNanos);
        }
    }

    private static Measurement time(Iterator<String> lines, long startNanos) throws IOException {
        long firstNanos = 0;
        long lastNanos = 0;
        int tokens = 0;
        while (lines.hasNext()) {
            String line = lines.next();
            if (!line.startsWith(DATA) || line.equals(DATA + "[DONE]")) {
                continue;
            }
            JsonNode event = parse(line.substring(DATA.length()));
            if (event.has("error")) {
                throw new IOException("the answer broke off: " + event.path("error").path("message").asText());
            }
            if (event.path("choices").path(0).has("text")) {
                lastNanos = System.nanoTime();
                firstNanos = firstNanos == 0 ? lastNanos : firstNanos;
            }
            tokens = event.path("usage").path("completion_tokens").asInt(tokens);
        }
        return new Measurement((firstNanos - startNanos) / 1e6, tokens, (lastNanos - firstNanos) / 1e6);
    }

    private static String error(Stream<String> lines) throws JsonProcessingException {
        String body = lines.collect(Collectors.joining("\n"));
        return parse(body).path("error").path("message").asText(body);
    }

    private static JsonNode parse(String json) throws JsonProcessingException {
        return JSON.readTree(json);
    }

    @Override
    public void close() {
        http.close();
    }
}

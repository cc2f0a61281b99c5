package org.barnraiser.coordinator.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableLongArray;
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

    /** The cluster adds to its totals a few times a second. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(700);
    private static final int MOST_LOOKS = 6;

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

    Credential credential() {
        return credential;
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
        return measure(model, prompt, maxTokens, credential);
    }

    /** @param shown instead of the key that is shown with every request */
    Measurement measure(String model, String prompt, int maxTokens, Credential shown)
            throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode().put("model", model).put("prompt", prompt).put("max_tokens", maxTokens)
                .put("temperature", 0).put("ignore_eos", true).put("stream", true);
        body.putObject("stream_options").put("include_usage", true);
        HttpRequest request = shown.addTo(HttpRequest.newBuilder(base.resolve("/v1/completions")), base)
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

    private static Measurement time(Iterator<String> lines, long askedNanos) throws IOException {
        ImmutableLongArray.Builder pieces = ImmutableLongArray.builder();
        StringBuilder text = new StringBuilder();
        int tokens = 0;
        int prompt = 0;
        int cached = 0;
        while (lines.hasNext()) {
            String line = lines.next();
            if (!line.startsWith(DATA) || line.equals(DATA + "[DONE]")) {
                continue;
            }
            long nowNanos = System.nanoTime();
            JsonNode event = parse(line.substring(DATA.length()));
            if (event.has("error")) {
                throw new IOException("the answer broke off: " + event.path("error").path("message").asText());
            }
            JsonNode choice = event.path("choices").path(0);
            if (choice.has("text")) {
                pieces.add(nowNanos);
                text.append(choice.path("text").asText());
            }
            tokens = event.path("usage").path("completion_tokens").asInt(tokens);
            prompt = event.path("usage").path("prompt_tokens").asInt(prompt);
            cached = event.path("usage").path("prompt_tokens_details").path("cached_tokens").asInt(cached);
        }
        ImmutableLongArray pieceNanos = pieces.build();
        if (pieceNanos.isEmpty()) {
            throw new IOException("the answer broke off before its first word");
        }
        return new Measurement(askedNanos, pieceNanos, tokens, prompt, cached, text.toString());
    }

    /** What the stages have done so far; waits, for some seconds at most, until nothing is added any more. */
    StageTotals stageTotals() throws IOException, InterruptedException {
        StageTotals before = stageTotalsNow();
        for (int times = 0; times < MOST_LOOKS; times++) {
            Thread.sleep(BETWEEN_LOOKS);
            StageTotals now = stageTotalsNow();
            if (now.equals(before)) {
                return now;
            }
            before = now;
        }
        return before;
    }

    /** The same at once; all of it when nothing was computed for a second. */
    StageTotals stageTotalsNow() throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(
                credential.addTo(HttpRequest.newBuilder(base.resolve("/api/cluster")), base).timeout(timeout).build(),
                HttpResponse.BodyHandlers.ofString());
        ImmutableList.Builder<StageTotals.Stage> stages = ImmutableList.builder();
        // Another program's endpoint has no such page.
        if (response.statusCode() == 200) {
            for (JsonNode stage : parse(response.body()).path("plan").path("pipelines").path(0).path("stages")) {
                stages.add(new StageTotals.Stage(stage.path("worker").asText(),
                        stage.path("done").path("steps").asLong(),
                        stage.path("done").path("computeSeconds").asDouble()));
            }
        }
        return new StageTotals(stages.build());
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

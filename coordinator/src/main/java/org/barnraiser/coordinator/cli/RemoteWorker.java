package org.barnraiser.coordinator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.account.Credential;

/** A worker of a cluster, told what is wanted of it through a coordinator. */
final class RemoteWorker implements AutoCloseable {
    private static final Duration CALL = Duration.ofSeconds(10);
    private static final long POLL_MILLIS = 500;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final URI url;
    private final String name;
    private final Credential credential;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CALL).build();

    RemoteWorker(URI url, String name, Credential credential) {
        this.credential = credential;
        this.url = url;
        this.name = name;
    }

    /**
     * Says what is wanted.
     *
     * @param wish lend, leave or reclaim
     */
    void tell(String wish) throws CommandException, InterruptedException {
        String path = "/api/workers/" + URLEncoder.encode(name, StandardCharsets.UTF_8) + "/wish";
        String body = MAPPER.createObjectNode().put("wish", wish).toString();
        HttpResponse<String> response = send(HttpRequest.newBuilder(url.resolve(path))
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)));
        if (response.statusCode() == 404) {
            throw new CommandException("there is no worker '" + name + "' in the cluster; 'barn status' lists them.");
        }
        if (response.statusCode() != 200) {
            throw new CommandException(json(response).path("error").path("message")
                    .asText(url + " answered HTTP " + response.statusCode() + "; is it a Barnraiser?"));
        }
    }

    /** Waits, but not for ever, until the cluster has given the worker's layers to others and answers again. */
    void awaitMoved(Duration patience) throws CommandException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() < deadline && !(layers().isEmpty() && trouble().isEmpty())) {
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** What the current plan gives it, as {@code layers 4–7}; empty when nothing. */
    List<String> layers() throws CommandException, InterruptedException {
        var layers = new ArrayList<String>();
        for (JsonNode pipeline : cluster().path("plan").path("pipelines")) {
            for (JsonNode stage : pipeline.path("stages")) {
                if (stage.path("worker").asText().equals(name)) {
                    layers.add("layers " + stage.path("first").asInt() + "–" + (stage.path("last").asInt() - 1));
                }
            }
        }
        return layers;
    }

    /** Why the model is not ready; empty when it is. */
    String trouble() throws CommandException, InterruptedException {
        JsonNode model = cluster().path("model");
        return model.path("ready").asBoolean() ? "" : model.path("reason").asText();
    }

    private JsonNode cluster() throws CommandException, InterruptedException {
        return json(send(HttpRequest.newBuilder(url.resolve("/api/cluster"))));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws CommandException, InterruptedException {
        try {
            return http.send(credential.addTo(request, url).timeout(CALL).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException | IllegalArgumentException e) {
            throw new CommandException("no Barnraiser answers at " + url + "; name its coordinator with --url.", e);
        }
    }

    private JsonNode json(HttpResponse<String> response) throws CommandException {
        try {
            return MAPPER.readTree(response.body());
        } catch (IOException e) {
            throw new CommandException(url + " answered HTTP " + response.statusCode() + "; is it a Barnraiser?", e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}

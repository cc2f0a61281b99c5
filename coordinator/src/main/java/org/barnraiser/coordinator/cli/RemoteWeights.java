package org.barnraiser.coordinator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.Streams;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.account.Credential;
import org.barnraiser.coordinator.download.Progress;

/** The weights on the disks of a cluster's workers, read again through a coordinator on this machine. */
final class RemoteWeights implements AutoCloseable {
    private static final Duration CALL = Duration.ofSeconds(10);
    private static final long POLL_MILLIS = 250;

    private final URI url;
    private final Credential credential = new Credential();
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(CALL).build();

    RemoteWeights(URI url) {
        this.url = url;
    }

    /** The identity of the model that is hosted there; empty when nobody answers. */
    Optional<String> hostedDigest() throws InterruptedException {
        return cluster().map(cluster -> cluster.path("model").path("digest").asText())
                .filter(digest -> !digest.isEmpty());
    }

    /** {@code host:port} of each worker. */
    List<String> workerAddresses() throws InterruptedException {
        return cluster().stream().flatMap(cluster -> Streams.stream(cluster.path("workers")))
                .map(worker -> worker.path("address").asText()).toList();
    }

    private Optional<JsonNode> cluster() throws InterruptedException {
        try {
            HttpResponse<String> response = http.send(
                    credential.addTo(HttpRequest.newBuilder(url.resolve("/api/cluster")), url).timeout(CALL).build(),
                    HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200
                    ? Optional.of(new ObjectMapper().readTree(response.body()))
                    : Optional.empty();
        } catch (IOException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** Has all workers read what they hold, and waits for that; what is damaged is repaired meanwhile. */
    JsonNode verify(Progress progress) throws CommandException, InterruptedException {
        HttpRequest.Builder request = credential.addTo(HttpRequest.newBuilder(url.resolve("/api/weights/verify")), url);
        JsonNode state = send(request.POST(HttpRequest.BodyPublishers.noBody()));
        while (state.path("running").asBoolean()) {
            progress.reached("reading the workers' disks", state.path("doneBytes").asLong(),
                    state.path("totalBytes").asLong());
            Thread.sleep(POLL_MILLIS);
            state = send(request.GET());
        }
        return state;
    }

    private JsonNode send(HttpRequest.Builder request) throws CommandException, InterruptedException {
        try {
            HttpResponse<String> response = http.send(request.timeout(CALL).build(),
                    HttpResponse.BodyHandlers.ofString());
            JsonNode body = new ObjectMapper().readTree(response.body());
            if (response.statusCode() != 200) {
                throw new CommandException(body.path("error").path("message")
                        .asText(url + " answered HTTP " + response.statusCode() + "; is it a Barnraiser?"));
            }
            return body;
        } catch (IOException e) {
            throw new CommandException("the coordinator at " + url + " does not answer any more.", e);
        }
    }

    @Override
    public void close() {
        http.close();
    }
}

package org.barnraiser.coordinator.doctor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.barnraiser.coordinator.account.Credential;
import org.barnraiser.coordinator.cluster.ClusterSnapshot;
import org.jspecify.annotations.Nullable;

/** A coordinator's HTTP address, asked at most once for all checks together. */
final class Endpoint {
    private static final Duration PATIENCE = Duration.ofSeconds(4);
    private static final int MAX_BYTES = 4 << 20;
    /** The Date header leaves fractions of a second out. */
    private static final Duration HALF_A_SECOND = Duration.ofMillis(500);

    private final URI url;
    private @Nullable Answer answer;

    Endpoint(URI url) {
        this.url = url;
    }

    /** What is there. */
    sealed interface Answer {}

    /**
     * A Barnraiser.
     *
     * @param status what {@code /api/cluster} answered; of no certain shape
     * @param clockAhead by how much its clock is ahead of this machine's, give or take half a second; empty when it did not say
     */
    record Cluster(JsonNode status, Duration roundTrip, Optional<Duration> clockAhead) implements Answer {
        String digest() {
            return status.path("model").path("digest").asText();
        }

        String modelName() {
            return status.path("model").path("name").asText();
        }
    }

    /** No Barnraiser; the reason is half a sentence. */
    record Silence(String reason) implements Answer {}

    URI url() {
        return url;
    }

    /** Blocks some seconds at most. */
    synchronized Answer answer() {
        if (answer == null) {
            answer = ask();
        }
        return answer;
    }

    private Answer ask() {
        HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
        try {
            HttpRequest question = new Credential()
                    .addTo(HttpRequest.newBuilder(url.resolve("/api/cluster")), url).timeout(PATIENCE).build();
            Instant asked = Instant.now();
            // The answer's end has to come in time too, not only its beginning.
            HttpResponse<byte[]> response = http
                    .sendAsync(question, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(),
                            MAX_BYTES))
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return read(response, asked, Instant.now());
        } catch (TimeoutException _) {
            return new Silence("it says nothing within " + PATIENCE.toSeconds() + " s");
        } catch (ExecutionException | IOException | IllegalArgumentException e) {
            return new Silence(reason(e));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return new Silence("there was no time to wait for an answer");
        } finally {
            http.shutdownNow();
        }
    }

    private static Answer read(HttpResponse<byte[]> response, Instant asked, Instant answered) throws IOException {
        if (response.statusCode() == 401 || response.statusCode() == 403) {
            return new Silence("it asks for a member's key, which the variable BARN_KEY may hold");
        }
        if (response.statusCode() != 200) {
            return new Silence("it answers HTTP " + response.statusCode() + " instead of a cluster's state");
        }
        JsonNode status = new ObjectMapper().readTree(response.body());
        if (!status.path("model").path("digest").isTextual()) {
            return new Silence("what answers is no Barnraiser");
        }
        Optional<Duration> clockAhead = response.headers().firstValue("Date").flatMap(Endpoint::date)
                .map(there -> ClusterSnapshot.ahead(there.plus(HALF_A_SECOND), asked, answered));
        return new Cluster(status, Duration.between(asked, answered), clockAhead);
    }

    private static Optional<Instant> date(String header) {
        try {
            return Optional.of(ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }

    private static String reason(Exception failed) {
        return switch (failed.getCause() == null ? failed : failed.getCause()) {
            case HttpTimeoutException _ -> "it says nothing within " + PATIENCE.toSeconds() + " s";
            case ConnectException _ -> "nothing listens there, or it cannot be reached";
            case JsonProcessingException _ -> "what answers is no Barnraiser";
            case Throwable other -> String.valueOf(other.getMessage());
        };
    }
}

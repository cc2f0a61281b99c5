package org.barnraiser.coordinator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.barnraiser.coordinator.account.Credential;

/** What {@code GET /api/cluster} of a running endpoint says. */
final class ClusterState {

    private ClusterState() {}

    /** Asks; blocks for some seconds at most. */
    static JsonNode fetch(URI url, Credential credential) throws CommandException, InterruptedException {
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
            HttpResponse<String> response = http.send(
                    credential.addTo(HttpRequest.newBuilder(url.resolve("/api/cluster")), url)
                            .timeout(Duration.ofSeconds(10)).build(),
                    HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() == 401 || response.statusCode() == 403) {
                throw new CommandException(
                        url + " asks for a key of a member: give one with --key, or in BARN_KEY.");
            }
            if (response.statusCode() != 200) {
                throw new CommandException(url + " answered HTTP " + response.statusCode() + "; is it a Barnraiser?");
            }
            return new ObjectMapper().readTree(response.body());
        } catch (IOException | IllegalArgumentException e) {
            throw new CommandException(
                    "no Barnraiser answers at " + url + "; start one with 'barn up', or name another with --url.",
                    e);
        }
    }
}

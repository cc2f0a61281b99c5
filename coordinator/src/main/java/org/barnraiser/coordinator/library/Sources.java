package org.barnraiser.coordinator.library;

import java.net.URI;
import java.util.Optional;
import org.barnraiser.coordinator.download.DownloadSettings;
import org.barnraiser.coordinator.download.WebClient;

/**
 * How models from elsewhere are reached.
 *
 * @param hub base address of the model hub
 * @param token for the hub; a secret
 * @param download how files are fetched
 */
public record Sources(URI hub, Optional<String> token, DownloadSettings download) {
    public static final String STANDARD_HUB = "https://huggingface.co";

    /** The hub and the token that the environment names ({@code HF_ENDPOINT}, {@code HF_TOKEN}), else the standard hub and none. */
    public static Sources ofEnvironment(Optional<URI> hub) throws LibraryException {
        String endpoint = System.getenv("HF_ENDPOINT");
        URI base = hub.orElseGet(
                () -> URI.create(endpoint == null || endpoint.isBlank() ? STANDARD_HUB : endpoint.strip()));
        if (base.getHost() == null) {
            throw new LibraryException("\"" + base + "\" is no address of a model hub; https://host is wanted.");
        }
        return new Sources(base, Optional.ofNullable(System.getenv("HF_TOKEN")).filter(token -> !token.isBlank()),
                DownloadSettings.standard());
    }

    WebClient open() {
        return new WebClient(token.map(secret -> new WebClient.Token(hub, secret.strip())));
    }

    @Override
    public String toString() {
        return "Sources[hub=" + hub + "]";
    }
}

package org.barnraiser.coordinator.account;

import com.google.common.net.HttpHeaders;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The key with which commands ask a coordinator: {@code --key}, {@code BARN_KEY}, or on its own machine the one in the data folder. */
public final class Credential {
    private static final Set<String> HERE = Set.of("localhost", "127.0.0.1", "[::1]");

    @Option(names = "--key", paramLabel = "KEY", description = "Key to show (default: $BARN_KEY, else the data folder's own when"
            + " the coordinator runs on this machine).")
    private @Nullable String key;

    /**
     * The key that an environment variable holds.
     *
     * @throws IOException when it is not set, in one sentence
     */
    public static Credential inVariable(String name) throws IOException {
        Credential credential = new Credential();
        credential.key = variable(name)
                .orElseThrow(() -> new IOException(
                        "The environment variable " + name + " is to hold a key, and is not set."));
        return credential;
    }

    /** Adds the key, if there is one, to a request to this address. */
    public HttpRequest.Builder addTo(HttpRequest.Builder request, URI url) {
        secret(url).ifPresent(secret -> request.setHeader(HttpHeaders.AUTHORIZATION, "Bearer " + secret));
        return request;
    }

    private Optional<String> secret(URI url) {
        return Optional.ofNullable(key).or(() -> variable("BARN_KEY"))
                // The local key is never told to another machine.
                .or(() -> HERE.contains(String.valueOf(url.getHost()))
                        ? LocalKey.readFrom(dataFolder())
                        : Optional.empty());
    }

    private static Path dataFolder() {
        return variable("BARN_DATA").map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".barnraiser"));
    }

    private static Optional<String> variable(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
    }
}

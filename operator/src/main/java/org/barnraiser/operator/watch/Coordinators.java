package org.barnraiser.operator.watch;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.operator.kube.Tree;

/** Asks coordinators how their cluster is, and tells them who is gone. Blocks, for some seconds at most; from any thread. */
public final class Coordinators implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int PORT = 8080;
    /** Whatever answers there may not be a coordinator. */
    private static final int MAX_BYTES = 4 << 20;
    private static final int MAX_HELD = 1_000_000;
    private static final Pattern HELD = Pattern.compile("(?m)^barnraiser_requests_held ([0-9.eE+]{1,20})$");

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE).build();

    /**
     * Asks them one after the other how the cluster is, and all of them who waits there: each keeps its own readers waiting.
     *
     * @param addresses of their pods
     * @param key that opens what members may see
     * @return empty when none answers
     */
    public Optional<ClusterReport> report(List<String> addresses, String key) throws InterruptedException {
        Optional<Tree> cluster = Optional.empty();
        Set<String> certified = new HashSet<>();
        int held = 0;
        for (String address : addresses) {
            Optional<String> metrics = get(address, "/metrics", key);
            if (metrics.isEmpty()) {
                continue;
            }
            held += held(metrics.get());
            Optional<Tree> said = get(address, "/api/cluster", key).flatMap(Coordinators::parse);
            said.map(ClusterReport::certified).ifPresent(certified::addAll);
            cluster = cluster.or(() -> said);
        }
        int waiting = held;
        return cluster.map(tree -> ClusterReport.read(tree, waiting, certified));
    }

    /**
     * Has the certificates of a worker taken back by all coordinators, each of which knows those that it has signed.
     *
     * @param key of an administrator
     * @return whether any of them has done so
     */
    public boolean remove(List<String> addresses, String key, String worker) throws InterruptedException {
        boolean done = false;
        for (String address : addresses) {
            done |= send(address, "/api/workers/" + worker + "/remove", key,
                    request -> request.POST(HttpRequest.BodyPublishers.noBody())).isPresent();
        }
        return done;
    }

    private static int held(String metrics) {
        Matcher matcher = HELD.matcher(metrics);
        try {
            return matcher.find() ? (int) Math.clamp(Double.parseDouble(matcher.group(1)), 0, MAX_HELD) : 0;
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    private static Optional<Tree> parse(String text) {
        try {
            return Optional.of(Tree.parse(text)).filter(tree -> tree.at("model").exists());
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private Optional<String> get(String address, String path, String key) throws InterruptedException {
        return send(address, path, key, HttpRequest.Builder::GET);
    }

    private Optional<String> send(String address, String path, String key, UnaryOperator<HttpRequest.Builder> verb)
            throws InterruptedException {
        String host = address.contains(":") ? "[" + address + "]" : address;
        try {
            HttpRequest request = verb.apply(HttpRequest.newBuilder(URI.create("http://" + host + ":" + PORT + path))
                    .header("Authorization", "Bearer " + key).timeout(PATIENCE)).build();
            HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                byte[] bytes = body.readNBytes(MAX_BYTES);
                return response.statusCode() == 200
                        ? Optional.of(new String(bytes, StandardCharsets.UTF_8))
                        : Optional.empty();
            }
        } catch (IOException | IllegalArgumentException _) {
            // It starts, it stops, or it hangs: its pod's probes and the next look will tell.
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}

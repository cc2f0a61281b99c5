package org.barnraiser.coordinator.download;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Asks web servers. Follows redirects itself, because a token is for one host only and must not travel on to another, and because a way
 * that began encrypted must stay so. Thread-safe.
 */
public final class WebClient implements AutoCloseable {
    private static final int MAX_REDIRECTS = 8;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration HEADERS_TIMEOUT = Duration.ofSeconds(30);
    private static final String AGENT = "barnraiser";

    // HTTP/1.1, so that parallel ranges have connections of their own.
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER).connectTimeout(CONNECT_TIMEOUT).build();
    private final Optional<Token> token;

    /**
     * A secret for one server.
     *
     * @param server the token goes to this scheme, host and port only
     */
    public record Token(URI server, String secret) {
        @Override
        public String toString() {
            return "token for " + server.getHost();
        }
    }

    public WebClient(Optional<Token> token) {
        this.token = token;
    }

    /** One that has no secret to tell. */
    public static WebClient withoutToken() {
        return new WebClient(Optional.empty());
    }

    /**
     * Whether a server does not give a file to whoever asks in this way; blocks.
     *
     * @throws DownloadException when it does not give it for another reason than who asks
     */
    public boolean refuses(RemoteFile file, DownloadSettings settings) throws DownloadException, InterruptedException {
        try {
            Announcement.ask(this, file, settings);
            return false;
        } catch (DownloadException e) {
            if (e.status() == 401 || e.status() == 403) {
                return true;
            }
            throw e;
        }
    }

    /**
     * Gets a resource; blocks until the answer begins. The caller closes the body, whose reading has no deadline.
     *
     * @param headers to send along
     * @throws IOException when the server cannot be reached or the connection breaks
     * @throws DownloadException when the address or a redirect is not acceptable
     */
    public HttpResponse<InputStream> get(URI address, Map<String, String> headers)
            throws IOException, DownloadException, InterruptedException {
        URI uri = checked(address, address);
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            HttpResponse<InputStream> response = http.send(request(uri, headers), BodyHandlers.ofInputStream());
            Optional<String> location = response.headers().firstValue("Location");
            if (response.statusCode() / 100 != 3 || response.statusCode() == 304 || location.isEmpty()) {
                return response;
            }
            response.body().close();
            try {
                uri = checked(uri.resolve(location.get()), uri);
            } catch (IllegalArgumentException e) {
                throw new DownloadException(uri.getHost() + " redirects to something that is no address.", e);
            }
        }
        throw new DownloadException(address.getHost() + " redirects in circles; check the address.");
    }

    /**
     * Opens one range of a file; blocks until it begins. Reading it has no deadline, closing it from another thread ends a read.
     *
     * @throws DownloadException when the server refuses, or has another file now
     */
    public InputStream range(RemoteFile file, long offset, long length)
            throws IOException, DownloadException, InterruptedException {
        HttpResponse<InputStream> response = get(file.uri(),
                Map.of("Range", "bytes=" + offset + "-" + (offset + length - 1)));
        boolean opened = false;
        try {
            if (response.statusCode() != 206 && response.statusCode() != 200 && response.statusCode() != 416) {
                throw Refusal.of(file, response);
            }
            Optional<ContentRange> range = ContentRange.of(response.headers());
            if (response.statusCode() != 206 || range.isEmpty() || range.get().first() != offset
                    || range.get().last() != offset + length - 1
                    || range.get().totalBytes() != file.sizeBytes().orElse(range.get().totalBytes())) {
                throw new DownloadException(file.name() + " has changed at " + file.uri().getHost()
                        + ", or it gives out no parts of it any more; remove the model and add it again.");
            }
            opened = true;
            return response.body();
        } finally {
            if (!opened) {
                response.body().close();
            }
        }
    }

    private HttpRequest request(URI uri, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(HEADERS_TIMEOUT).header("User-Agent", AGENT)
                .header("Accept-Encoding", "identity");
        headers.forEach(request::header);
        token.filter(known -> isSameServer(known.server(), uri))
                .ifPresent(known -> request.header("Authorization", "Bearer " + known.secret()));
        return request.build();
    }

    private static URI checked(URI uri, URI from) throws DownloadException {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!(scheme.equals("http") || scheme.equals("https")) || uri.getHost() == null) {
            throw new DownloadException(uri + " is no web address; http:// or https:// and a host are wanted.");
        }
        if (scheme.equals("http") && "https".equalsIgnoreCase(from.getScheme())) {
            throw new DownloadException(from.getHost() + " redirects to an unencrypted address, which is refused.");
        }
        return uri;
    }

    private static boolean isSameServer(URI one, URI other) {
        return one.getScheme().equalsIgnoreCase(other.getScheme()) && one.getHost().equalsIgnoreCase(other.getHost())
                && one.getPort() == other.getPort();
    }

    /** What went wrong on the way to a server, as the end of a sentence. */
    static String words(IOException e) {
        return switch (e) {
            case HttpTimeoutException _ -> "it does not answer in time";
            case UnknownHostException _ -> "there is no such host";
            case ConnectException _ -> "nothing can be reached there";
            default -> e.getMessage() == null ? "the connection broke" : e.getMessage();
        };
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}

package org.barnraiser.worker.node;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.proto.Origin;

/**
 * A model's file on a web server, as the coordinator named it. Nothing but GET is said there, nothing is sent along, and redirects are
 * followed only to web servers, never from an encrypted way to an open one, and never from the outside into this machine's own network.
 *
 * @param sizeBytes what it has as long as it is the same file
 */
record WebFile(URI uri, long sizeBytes) {
    private static final int MAX_URL_CHARS = 4096;
    private static final int MAX_REDIRECTS = 8;
    private static final Duration HEADERS_TIMEOUT = Duration.ofSeconds(30);
    private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");

    /** Empty when the address is not one of a file on a web server. */
    static Optional<WebFile> of(Origin origin) {
        try {
            URI uri = new URI(origin.getUrl());
            boolean sound = origin.getUrl().length() <= MAX_URL_CHARS && origin.getSizeBytes() > 0 && isWeb(uri)
                    && uri.getUserInfo() == null;
            return sound ? Optional.of(new WebFile(uri, origin.getSizeBytes())) : Optional.empty();
        } catch (URISyntaxException _) {
            return Optional.empty();
        }
    }

    String host() {
        return uri.getHost();
    }

    /** What a server answers. */
    sealed interface Answer {
        /** The wanted bytes follow; reading has no deadline. */
        record Bytes(InputStream body) implements Answer {}

        /** The same question may get them a little later. */
        record Later(String reason, Optional<Duration> pause) implements Answer {}

        /** They are not to be had there. */
        record No(String reason) implements Answer {}
    }

    /** Asks for bytes [offset, offset + length); blocks until the answer begins. */
    Answer ask(HttpClient http, long offset, long length) throws IOException, InterruptedException {
        URI at = uri;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            HttpResponse<InputStream> response = http.send(HttpRequest.newBuilder(at).timeout(HEADERS_TIMEOUT)
                    .header("User-Agent", "barnraiser").header("Accept-Encoding", "identity")
                    .header("Range", "bytes=" + offset + "-" + (offset + length - 1)).build(),
                    BodyHandlers.ofInputStream());
            Optional<String> location = response.headers().firstValue("Location");
            if (response.statusCode() / 100 != 3 || location.isEmpty()) {
                return answer(response, offset, length);
            }
            response.body().close();
            Optional<URI> next = next(at, location.get());
            if (next.isEmpty()) {
                return new Answer.No("it redirects to where this worker does not go");
            }
            at = next.get();
        }
        return new Answer.No("it redirects in circles");
    }

    private Answer answer(HttpResponse<InputStream> response, long offset, long length) throws IOException {
        int status = response.statusCode();
        Matcher range = RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
        if (status == 206 && range.matches() && Long.parseLong(range.group(3)) == sizeBytes) {
            if (Long.parseLong(range.group(1)) == offset && Long.parseLong(range.group(2)) == offset + length - 1) {
                return new Answer.Bytes(response.body());
            }
            response.body().close();
            return new Answer.Later("it sends another part than was asked for", Optional.empty());
        }
        response.body().close();
        if (status == 408 || status == 425 || status == 429 || status >= 500) {
            return new Answer.Later("it answers HTTP " + status, response.headers().firstValue("Retry-After")
                    .filter(text -> text.matches("\\d{1,6}")).map(text -> Duration.ofSeconds(Long.parseLong(text))));
        }
        return new Answer.No(status == 206 || status == 200 || status == 416
                ? "the file has changed there, or it gives out no parts any more"
                : "it answers HTTP " + status);
    }

    static Optional<URI> next(URI from, String location) {
        try {
            URI to = from.resolve(location);
            boolean sound = isWeb(to) && !(isScheme(from, "https") && isScheme(to, "http"))
                    && (isInside(from) || !isInside(to));
            return sound ? Optional.of(to) : Optional.empty();
        } catch (IllegalArgumentException | UnknownHostException _) {
            return Optional.empty();
        }
    }

    private static boolean isWeb(URI uri) {
        return (isScheme(uri, "http") || isScheme(uri, "https")) && uri.getHost() != null;
    }

    private static boolean isScheme(URI uri, String scheme) {
        return uri.getScheme() != null && uri.getScheme().toLowerCase(Locale.ROOT).equals(scheme);
    }

    /** Whether a name leads to this machine or its own network, where others may listen who trust whoever is there. */
    private static boolean isInside(URI uri) throws UnknownHostException {
        for (InetAddress address : InetAddress.getAllByName(uri.getHost())) {
            boolean uniqueLocal = address.getAddress().length == 16 && (address.getAddress()[0] & 0xfe) == 0xfc;
            if (address.isLoopbackAddress() || address.isAnyLocalAddress() || address.isLinkLocalAddress()
                    || address.isSiteLocalAddress() || uniqueLocal) {
                return true;
            }
        }
        return false;
    }
}

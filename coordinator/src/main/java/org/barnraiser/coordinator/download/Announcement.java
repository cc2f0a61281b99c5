package org.barnraiser.coordinator.download;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a server says of a file before it is fetched.
 *
 * @param sizeBytes empty when it does not say
 * @param ranges whether parts can be asked for
 * @param version its ETag or time of change, which must stay the same over all parts; empty when it has none
 */
record Announcement(OptionalLong sizeBytes, boolean ranges, Optional<String> version) {

    /**
     * Asks for the first byte, which tells more reliably than HEAD what ranges will do.
     *
     * @throws DownloadException when the server refuses
     */
    static Announcement ask(WebClient web, RemoteFile file)
            throws IOException, DownloadException, InterruptedException {
        HttpResponse<InputStream> response = web.get(file.uri(), Map.of("Range", "bytes=0-0"));
        try (InputStream _ = response.body()) {
            return switch (response.statusCode()) {
                case 206 -> new Announcement(totalOf(response.headers()), true, version(response.headers()));
                case 200 -> new Announcement(response.headers().firstValueAsLong("Content-Length"), false,
                        version(response.headers()));
                default -> throw Refusal.of(file, response);
            };
        }
    }

    /** The same, asked again after a pause for as often as the settings say. */
    static Announcement ask(WebClient web, RemoteFile file, DownloadSettings settings)
            throws DownloadException, InterruptedException {
        for (int failures = 1;; failures++) {
            try {
                return ask(web, file);
            } catch (IOException e) {
                if (failures >= settings.attempts()) {
                    throw new DownloadException(
                            file.uri().getHost() + " cannot be asked for " + file.name() + ": " + WebClient.words(e)
                                    + "; check the address and the network.",
                            e);
                }
            } catch (DownloadException e) {
                if (failures >= settings.attempts() || !Refusal.isPassing(e.status())) {
                    throw e;
                }
            }
            Thread.sleep(settings.pauseAfter(failures));
        }
    }

    private static OptionalLong totalOf(HttpHeaders headers) throws DownloadException {
        ContentRange range = ContentRange.of(headers)
                .orElseThrow(() -> new DownloadException("The server sends a part of the file without saying which."));
        return OptionalLong.of(range.totalBytes());
    }

    static Optional<String> version(HttpHeaders headers) {
        // A weak ETag promises equal meaning, not equal bytes.
        return headers.firstValue("ETag").filter(tag -> !tag.startsWith("W/"))
                .or(() -> headers.firstValue("Last-Modified"));
    }
}

package org.barnraiser.coordinator.download;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.hash.Sha256;

/** Fetches single ranges of one version of a file, each as often as it takes. Used by several threads. */
final class RangeFetch {
    private static final int BUFFER_BYTES = 256 << 10;

    private final WebClient web;
    private final RemoteFile file;
    private final Announcement announcement;
    private final long sizeBytes;
    private final DownloadSettings settings;
    private final ScheduledExecutorService clock;

    /** Takes what arrives, in order. */
    @FunctionalInterface
    interface Sink {
        void accept(long position, byte[] bytes, int count) throws IOException;
    }

    RangeFetch(WebClient web, RemoteFile file, Announcement announcement, long sizeBytes, DownloadSettings settings,
            ScheduledExecutorService clock) {
        this.web = web;
        this.file = file;
        this.announcement = announcement;
        this.sizeBytes = sizeBytes;
        this.settings = settings;
        this.clock = clock;
    }

    /** The range could not be fetched this time; it may be possible after a pause. */
    private static final class PassingFailure extends Exception {
        private static final long serialVersionUID = 1L;
        private final Optional<Duration> wantedPause;

        PassingFailure(String reason, Optional<Duration> wantedPause) {
            super(reason);
            this.wantedPause = wantedPause;
        }
    }

    /**
     * Fetches bytes [start, start + length); blocks. The sink hears of the bytes of each attempt from the start again.
     *
     * @return sha256 of the range
     * @throws DownloadException when it was tried often enough, or trying again is of no use
     */
    String fetch(long start, long length, Sink sink) throws DownloadException, InterruptedException, IOException {
        for (int failures = 1;; failures++) {
            try {
                return attempt(start, length, sink);
            } catch (PassingFailure e) {
                if (failures >= settings.attempts()) {
                    throw new DownloadException(file.name() + " cannot be fetched from " + file.uri().getHost()
                            + " now: " + e.getMessage()
                            + ". What has arrived is kept; the same command goes on from there.", e);
                }
                Duration pause = e.wantedPause.orElse(settings.pauseAfter(failures));
                Thread.sleep(pause.compareTo(settings.longestPause()) < 0 ? pause : settings.longestPause());
            }
        }
    }

    private String attempt(long start, long length, Sink sink)
            throws DownloadException, PassingFailure, InterruptedException, IOException {
        HttpResponse<InputStream> response;
        try {
            response = web.get(file.uri(), headers(start, length));
        } catch (IOException e) {
            throw new PassingFailure(WebClient.words(e), Optional.empty());
        }
        try (InputStream body = response.body()) {
            check(response, start, length);
            return read(body, start, length, sink);
        }
    }

    private Map<String, String> headers(long start, long length) {
        Map<String, String> headers = new HashMap<>();
        if (announcement.ranges()) {
            headers.put("Range", "bytes=" + start + "-" + (start + length - 1));
            announcement.version().ifPresent(version -> headers.put("If-Range", version));
        }
        return headers;
    }

    private void check(HttpResponse<InputStream> response, long start, long length)
            throws DownloadException, PassingFailure {
        int status = response.statusCode();
        if (Refusal.isPassing(status)) {
            Optional<Duration> pause = response.headers().firstValue("Retry-After")
                    .filter(text -> text.matches("\\d{1,6}"))
                    .map(text -> Duration.ofSeconds(Long.parseLong(text)));
            throw new PassingFailure("it answers HTTP " + status, pause);
        }
        if (status != 200 && status != 206 && status != 416) {
            throw Refusal.of(file, response);
        }
        if (status != (announcement.ranges() ? 206 : 200)
                || !announcement.version().equals(Announcement.version(response.headers()))) {
            throw new ChangedFileException(file);
        }
        if (announcement.ranges()) {
            ContentRange range = ContentRange.of(response.headers())
                    .orElseThrow(() -> new PassingFailure("it sends a part without saying which", Optional.empty()));
            if (range.totalBytes() != sizeBytes) {
                throw new ChangedFileException(file);
            }
            if (range.first() != start || range.last() != start + length - 1) {
                throw new PassingFailure("it sends another part than was asked for", Optional.empty());
            }
        }
    }

    private String read(InputStream body, long start, long length, Sink sink) throws PassingFailure, IOException {
        Sha256 digest = new Sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        long done = 0;
        while (done < length) {
            int wanted = (int) Math.min(buffer.length, length - done);
            int read = readInTime(body, buffer, wanted);
            if (read < 0) {
                throw new PassingFailure("the connection ended after " + done + " of " + length + " bytes",
                        Optional.empty());
            }
            sink.accept(start + done, buffer, read);
            digest.update(buffer, read);
            done += read;
        }
        return digest.hex();
    }

    /** A read has no deadline of its own; closing the stream ends it. */
    private int readInTime(InputStream body, byte[] buffer, int wanted) throws PassingFailure {
        ScheduledFuture<?> deadline = clock.schedule(() -> {
            body.close();
            return null;
        }, settings.stall().toMillis(), TimeUnit.MILLISECONDS);
        try {
            return body.read(buffer, 0, wanted);
        } catch (IOException e) {
            throw new PassingFailure(deadline.isDone()
                    ? "nothing came for " + settings.stall().toSeconds() + " s"
                    : WebClient.words(e), Optional.empty());
        } finally {
            deadline.cancel(false);
        }
    }
}

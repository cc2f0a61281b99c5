package org.barnraiser.worker.node;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.barnraiser.proto.Piece;
import org.barnraiser.trust.manners.Courtesy;
import org.barnraiser.worker.shard.PieceSource;
import org.barnraiser.worker.shard.WeightsUnavailableException;

/**
 * Fetches pieces from the web servers that have the model's files, and goes on within a piece where a connection broke. Used by several
 * threads.
 */
final class WebPieceSource implements PieceSource, AutoCloseable {
    private static final int BUFFER_BYTES = 256 << 10;
    /** A piece that arrives more slowly than this counts as not arriving. */
    private static final long MIN_BYTES_PER_SECOND = 64 << 10;
    /** Failures in a row, with no byte in between. */
    private static final int ATTEMPTS = 5;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration STALL = Duration.ofSeconds(20);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final List<WebFile> files;
    private final LongConsumer onBytes;
    private final Courtesy courtesy;
    // HTTP/1.1, so that parallel ranges have connections of their own.
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER).connectTimeout(CONNECT_TIMEOUT).build();
    private final ScheduledExecutorService clock = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("fetch-clock").factory());

    /**
     * Servers that are asked when they are needed.
     *
     * @param files of the model, in split order
     * @param onBytes hears how many bytes have come
     * @param courtesy towards steps: no more is read while they go first, so that the server has to wait
     */
    WebPieceSource(List<WebFile> files, LongConsumer onBytes, Courtesy courtesy) {
        this.courtesy = courtesy;
        this.files = files;
        this.onBytes = onBytes;
    }

    /** Whether the file that a piece lies in is known. */
    boolean has(Piece piece) {
        return piece.getFileIndex() >= 0 && piece.getFileIndex() < files.size()
                && piece.getSourceOffsetBytes() >= 0 && piece.getLengthBytes() > 0 && piece
                        .getLengthBytes() <= files.get(piece.getFileIndex()).sizeBytes() - piece.getSourceOffsetBytes();
    }

    /** The server that has a piece. */
    String host(Piece piece) {
        return files.get(piece.getFileIndex()).host();
    }

    @Override
    public void read(String modelDigest, Piece piece, Sink sink)
            throws WeightsUnavailableException, IOException, InterruptedException {
        long done = 0;
        for (int failures = 0;;) {
            try {
                read(piece, done, sink);
                return;
            } catch (Break e) {
                done += e.bytes;
                failures = e.bytes > 0 ? 1 : failures + 1;
                if (failures >= ATTEMPTS) {
                    throw unavailable(piece, String.valueOf(e.getMessage()));
                }
                Duration pause = e.pause.multipliedBy(1L << (failures - 1));
                Thread.sleep(pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE);
            }
        }
    }

    /** A connection that brought so many bytes, and no more for now. */
    private static final class Break extends Exception {
        private static final long serialVersionUID = 1L;
        private final long bytes;
        private final Duration pause;

        Break(long bytes, String reason, Duration pause) {
            super(reason);
            this.bytes = bytes;
            this.pause = pause;
        }
    }

    /** Reads from so far on, as far as one connection goes. */
    private void read(Piece piece, long from, Sink sink)
            throws WeightsUnavailableException, Break, IOException, InterruptedException {
        WebFile file = files.get(piece.getFileIndex());
        long length = piece.getLengthBytes() - from;
        WebFile.Answer answer;
        try {
            answer = file.ask(http, piece.getSourceOffsetBytes() + from, length);
        } catch (IOException e) {
            throw new Break(0, words(e), FIRST_PAUSE);
        }
        switch (answer) {
            case WebFile.Answer.Bytes(InputStream body) -> copy(body, length, sink);
            case WebFile.Answer.Later(String reason, var pause) ->
                throw new Break(0, reason, pause.orElse(FIRST_PAUSE));
            case WebFile.Answer.No(String reason) -> throw unavailable(piece, reason);
        }
    }

    private void copy(InputStream body, long length, Sink sink)
            throws Break, IOException, InterruptedException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long begun = System.nanoTime();
        long yieldedNanos = 0;
        try (body) {
            for (long done = 0; done < length;) {
                int read = readInTime(body, buffer, (int) Math.min(buffer.length, length - done), done);
                sink.accept(ByteBuffer.wrap(buffer, 0, read));
                onBytes.accept(read);
                done += read;
                yieldedNanos += courtesy.awaitAll(read);
                long nanos = System.nanoTime() - begun - yieldedNanos;
                if (done < length && nanos > STALL.toNanos() && done < MIN_BYTES_PER_SECOND * (nanos / 1e9)) {
                    throw new Break(done, "it sends too slowly", FIRST_PAUSE);
                }
            }
        }
    }

    /** A read has no deadline of its own; closing the stream ends it. */
    private int readInTime(InputStream body, byte[] buffer, int wanted, long done) throws Break {
        ScheduledFuture<?> deadline = clock.schedule(() -> {
            body.close();
            return null;
        }, STALL.toMillis(), TimeUnit.MILLISECONDS);
        try {
            int read = body.read(buffer, 0, wanted);
            if (read < 0) {
                throw new Break(done, "the connection ended early", FIRST_PAUSE);
            }
            return read;
        } catch (IOException e) {
            throw new Break(done, deadline.isDone()
                    ? "nothing has come for " + STALL.toSeconds() + " seconds"
                    : words(e), FIRST_PAUSE);
        } finally {
            deadline.cancel(false);
        }
    }

    private static String words(IOException e) {
        return e.getMessage() == null ? "it cannot be reached" : e.getMessage();
    }

    private WeightsUnavailableException unavailable(Piece piece, String why) {
        return new WeightsUnavailableException("Tensor " + piece.getTensorName() + " cannot be fetched from "
                + host(piece) + ": " + why + ".");
    }

    @Override
    public void close() {
        http.shutdownNow();
        clock.shutdownNow();
    }
}

package org.barnraiser.coordinator.download;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;

/** The first bytes of a file on a web server, in a file of the whole's length of which the rest is a hole. For one thread. */
public final class FileHead implements AutoCloseable {
    /** Of one range that passes by; as many as there are connections are in memory. */
    private static final int PASSING_BYTES = 8 << 20;

    private final FileChannel channel;
    private final ScheduledExecutorService clock;
    private final RangeFetch fetch;
    private final boolean ranges;
    private final String version;
    private final long totalBytes;
    private final DownloadSettings settings;
    private long presentBytes;

    private FileHead(FileChannel channel, ScheduledExecutorService clock, RangeFetch fetch, boolean ranges,
            String version, long totalBytes, DownloadSettings settings) {
        this.channel = channel;
        this.clock = clock;
        this.fetch = fetch;
        this.ranges = ranges;
        this.version = version;
        this.totalBytes = totalBytes;
        this.settings = settings;
    }

    /**
     * Asks what there is; blocks. Nothing of it is here yet.
     *
     * @param target is made
     */
    public static FileHead open(WebClient web, RemoteFile file, DownloadSettings settings, Path target)
            throws DownloadException, IOException, InterruptedException {
        Announcement announcement = Announcement.ask(web, file, settings);
        long total = announcement.sizeBytes().orElseThrow(() -> new DownloadException(file.uri().getHost()
                + " does not say how large " + file.name() + " is; fetch it with 'barn model add' first."));
        if (total < 1) {
            throw new DownloadException("There is nothing in " + file.name() + " at " + file.uri().getHost() + ".");
        }
        FileChannel channel = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE,
                StandardOpenOption.SPARSE);
        channel.write(ByteBuffer.allocate(1), total - 1);
        ScheduledExecutorService clock = Executors
                .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("header-clock").factory());
        return new FileHead(channel, clock,
                new RangeFetch(web, file, announcement, total, settings, clock), announcement.ranges(),
                file.sha256().orElseGet(() -> file.uri() + " " + announcement.version().orElse("?")), total, settings);
    }

    public long presentBytes() {
        return presentBytes;
    }

    public long totalBytes() {
        return totalBytes;
    }

    /** Fetches until so many bytes are here, or all; blocks. */
    public void extendTo(long bytes) throws DownloadException, IOException, InterruptedException {
        long wanted = Math.min(bytes, totalBytes);
        // Who sends no ranges begins at the beginning.
        long from = ranges ? presentBytes : 0;
        if (wanted > presentBytes) {
            fetch.fetch(from, wanted - from, (position, arrived, count) -> {
                ByteBuffer buffer = ByteBuffer.wrap(arrived, 0, count);
                long at = position;
                while (buffer.hasRemaining()) {
                    at += channel.write(buffer, at);
                }
            });
            presentBytes = wanted;
        }
    }

    /** Whether the server gives out parts of the file. */
    public boolean hasRanges() {
        return ranges;
    }

    /** Hears of a file's bytes, in order. */
    @FunctionalInterface
    public interface Listener {
        void onBytes(long position, byte[] bytes) throws IOException;
    }

    /** What tells this version of the file from any other, as far as the server says. */
    public String version() {
        return version;
    }

    /** Has the file pass by, from a position to its last byte, and keeps nothing of it; blocks. The server must have ranges. */
    public void pass(long from, Listener listener) throws DownloadException, IOException, InterruptedException {
        int rangeBytes = Math.min(PASSING_BYTES, settings.chunkBytes());
        try (ExecutorService connections = Executors.newVirtualThreadPerTaskExecutor()) {
            Queue<Future<byte[]>> coming = new ArrayDeque<>();
            try {
                long asked = from;
                for (long passed = from; passed < totalBytes;) {
                    for (; asked < totalBytes && coming.size() < settings.connections(); asked += rangeBytes) {
                        long start = asked;
                        int length = (int) Math.min(rangeBytes, totalBytes - asked);
                        coming.add(connections.submit(() -> range(start, length)));
                    }
                    byte[] arrived = coming.remove().get();
                    listener.onBytes(passed, arrived);
                    passed += arrived.length;
                }
            } catch (ExecutionException e) {
                throw Download.failure(e.getCause());
            } finally {
                connections.shutdownNow();
            }
        }
    }

    private byte[] range(long start, int length) throws DownloadException, IOException, InterruptedException {
        byte[] bytes = new byte[length];
        fetch.fetch(start, length, (position, arrived, count) -> System.arraycopy(arrived, 0, bytes,
                (int) (position - start), count));
        return bytes;
    }

    @Override
    public void close() throws IOException {
        clock.shutdownNow();
        channel.close();
    }
}

package org.barnraiser.coordinator.download;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** The first bytes of a file on a web server, in a file of the whole's length of which the rest is a hole. For one thread. */
public final class FileHead implements AutoCloseable {
    private final FileChannel channel;
    private final ScheduledExecutorService clock;
    private final RangeFetch fetch;
    private final boolean ranges;
    private final long totalBytes;
    private long presentBytes;

    private FileHead(FileChannel channel, ScheduledExecutorService clock, RangeFetch fetch, boolean ranges,
            long totalBytes) {
        this.channel = channel;
        this.clock = clock;
        this.fetch = fetch;
        this.ranges = ranges;
        this.totalBytes = totalBytes;
    }

    /**
     * Asks what there is; blocks. Nothing of it is here yet.
     *
     * @param target is made
     */
    public static FileHead open(WebClient web, RemoteFile file, DownloadSettings settings, Path target)
            throws DownloadException, IOException, InterruptedException {
        Announcement announcement;
        try {
            announcement = Announcement.ask(web, file);
        } catch (IOException e) {
            throw new DownloadException(file.uri().getHost() + " cannot be asked for " + file.name() + ": "
                    + WebClient.words(e) + "; check the address and the network.", e);
        }
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
                new RangeFetch(web, file, announcement, total, settings, clock), announcement.ranges(), total);
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

    @Override
    public void close() throws IOException {
        clock.shutdownNow();
        channel.close();
    }
}

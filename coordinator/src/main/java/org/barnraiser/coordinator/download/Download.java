package org.barnraiser.coordinator.download;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Fetches one file: in parallel ranges where the server has ranges, from where an earlier attempt ended, with its size, its version and
 * its sha256 checked. The file has its name only when it is complete; until then it lies beside it as {@code NAME.part} with a
 * {@code NAME.journal}, and both are gone when what arrived is good for nothing.
 */
public final class Download {
    /** What a disk should still have when the file is there. */
    private static final long SPARE_BYTES = 64L << 20;

    private final WebClient web;
    private final DownloadSettings settings;
    private final Progress progress;

    public Download(WebClient web, DownloadSettings settings, Progress progress) {
        this.web = web;
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Fetches a file; blocks until it is there. Interrupting the thread ends it; what has arrived is kept for the next time.
     *
     * @param target where it is to be; its folder exists
     * @return its sha256
     * @throws DownloadException when it cannot be fetched
     */
    public String fetch(RemoteFile file, Path target) throws DownloadException, InterruptedException {
        try (ScheduledExecutorService clock = Executors
                .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("download-clock").factory())) {
            return fetch(file, target, Announcement.ask(web, file, settings), clock);
        } catch (IOException e) {
            throw new DownloadException(file.name() + " cannot be written to " + target.getParent() + ": "
                    + e.getMessage() + "; make room there or see what is wrong with the disk, and run the same command"
                    + " again: what has arrived is kept, and checked before it counts.", e);
        }
    }

    private String fetch(RemoteFile file, Path target, Announcement announcement, ScheduledExecutorService clock)
            throws DownloadException, InterruptedException, IOException {
        long size = agreedSize(file, announcement);
        // Without ranges there is one part only, the whole.
        long chunkBytes = announcement.ranges() ? settings.chunkBytes() : size;
        String identity = file.sha256().orElseGet(() -> file.uri() + " " + announcement.version().orElse("?"));
        PartFile part = PartFile.open(target, identity, size, chunkBytes);
        try {
            requireSpace(target, size - part.doneBytes(), file);
            fetchMissing(part, file, new RangeFetch(web, file, announcement, size, settings, clock));
            String sha256 = part.sha256(progress, file.name());
            if (!file.sha256().orElse(sha256).equals(sha256)) {
                part.discard();
                throw new DownloadException(file.name() + " arrived damaged: its sha256 is " + sha256
                        + ", but should be " + file.sha256().orElseThrow()
                        + ". Nothing of it was kept; run the same command again, or choose another source.");
            }
            part.moveTo(target);
            return sha256;
        } catch (ChangedFileException e) {
            part.discard();
            throw e;
        } catch (DownloadException | IOException e) {
            // What is only half there would keep a full disk full.
            part.keepDone();
            throw e;
        } finally {
            part.close();
        }
    }

    private static long agreedSize(RemoteFile file, Announcement announcement) throws DownloadException {
        OptionalLong announced = announcement.sizeBytes();
        if (announced.isEmpty() && file.sizeBytes().isEmpty()) {
            throw new DownloadException(file.uri().getHost() + " does not say how large " + file.name()
                    + " is; fetch it by other means and name the file.");
        }
        long size = announced.orElseGet(() -> file.sizeBytes().orElseThrow());
        if (size != file.sizeBytes().orElse(size)) {
            throw new DownloadException(file.uri().getHost() + " has " + size + " bytes of " + file.name() + ", but "
                    + file.sizeBytes().getAsLong() + " were expected; choose another source.");
        }
        if (size <= 0) {
            throw new DownloadException(file.name() + " is empty at " + file.uri().getHost() + "; check the address.");
        }
        return size;
    }

    private static void requireSpace(Path target, long missing, RemoteFile file)
            throws IOException, DownloadException {
        long free = Files.getFileStore(target.getParent()).getUsableSpace();
        if (missing > 0 && missing + SPARE_BYTES > free) {
            throw new DownloadException(String.format(Locale.ROOT,
                    "%s needs %.1f GB more in %s and %.1f GB are free there; make room or choose another folder with --data.",
                    file.name(), (missing + SPARE_BYTES) / 1e9, target.getParent(), free / 1e9));
        }
    }

    private void fetchMissing(PartFile part, RemoteFile file, RangeFetch ranges)
            throws DownloadException, InterruptedException, IOException {
        AtomicLong arrived = new AtomicLong(part.doneBytes());
        AtomicInteger next = new AtomicInteger();
        int threads = Math.max(1, Math.min(settings.connections(), part.chunks()));
        try (ExecutorService connections = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletionService<Void> workers = new ExecutorCompletionService<>(connections);
            for (int i = 0; i < threads; i++) {
                workers.submit(() -> {
                    for (int chunk = next.getAndIncrement(); chunk < part.chunks(); chunk = next.getAndIncrement()) {
                        if (!part.isDone(chunk)) {
                            fetch(part, chunk, file, ranges, arrived);
                        }
                    }
                    return null;
                });
            }
            try {
                for (int i = 0; i < threads; i++) {
                    workers.take().get();
                }
            } catch (ExecutionException e) {
                throw failure(e.getCause());
            } finally {
                connections.shutdownNow();
            }
        }
    }

    private void fetch(PartFile part, int chunk, RemoteFile file, RangeFetch ranges, AtomicLong arrived)
            throws DownloadException, InterruptedException, IOException {
        long start = part.start(chunk);
        AtomicLong ofThis = new AtomicLong();
        String sha256 = ranges.fetch(start, part.length(chunk), (position, bytes, count) -> {
            part.write(position, bytes, count);
            long before = ofThis.getAndSet(position + count - start);
            // An attempt that begins again takes back what the one before had counted.
            progress.reached(file.name(), arrived.addAndGet(position + count - start - before), part.sizeBytes());
        });
        part.finish(chunk, sha256);
    }

    /** What went wrong on a connection's thread, to be thrown on this one. */
    static DownloadException failure(@Nullable Throwable cause) throws InterruptedException, IOException {
        return switch (cause) {
            case DownloadException e -> e;
            case InterruptedException e -> throw e;
            case IOException e -> throw e;
            case null, default -> throw new IllegalStateException("the download failed", cause);
        };
    }
}

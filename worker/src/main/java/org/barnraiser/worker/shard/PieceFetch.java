package org.barnraiser.worker.shard;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.barnraiser.proto.Piece;
import org.jspecify.annotations.Nullable;

import static java.util.Comparator.comparingInt;

/**
 * Fetches the pieces that one file lacks: those that few have first, several at a time, and each from one source after the
 * other until its bytes are right.
 */
final class PieceFetch {
    private final String modelDigest;
    private final PieceSources sources;
    private final Function<Extent, ExtentSink> sinks;
    private final Consumer<Piece> onRight;
    /** The first reason to stop. */
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    /**
     * Makes a fetch that is used once.
     *
     * @param sinks makes a new sink for each attempt
     * @param onRight hears of every piece that has arrived as it should, on several threads
     */
    PieceFetch(String modelDigest, PieceSources sources, Function<Extent, ExtentSink> sinks,
            Consumer<Piece> onRight) {
        this.modelDigest = modelDigest;
        this.sources = sources;
        this.sinks = sinks;
        this.onRight = onRight;
    }

    /** Blocks until all are there, or one cannot be had from anybody. */
    void fetch(List<Extent> missing) throws ShardException, IOException, InterruptedException {
        int width = Math.min(missing.size(), sources.width());
        var ordered = new ArrayList<>(missing);
        if (width > 1) {
            // Machines that begin together are not all to begin with the same piece.
            Collections.shuffle(ordered);
        }
        ordered.sort(comparingInt(extent -> sources.copies(extent.piece())));
        Queue<Extent> waiting = new ConcurrentLinkedQueue<>(ordered);
        if (width > 1) {
            drainTogether(waiting, width);
        } else {
            drain(waiting);
        }
    }

    private void drain(Queue<Extent> waiting) throws ShardException, IOException, InterruptedException {
        for (Extent extent = waiting.poll(); extent != null && failure.get() == null; extent = waiting.poll()) {
            fetch(extent);
        }
    }

    private void drainTogether(Queue<Extent> waiting, int width)
            throws ShardException, IOException, InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int number = 0; number < width; number++) {
            threads.add(Thread.ofVirtual().name("fetch-" + number).unstarted(() -> {
                try {
                    drain(waiting);
                } catch (ShardException | IOException | InterruptedException | RuntimeException e) {
                    if (failure.compareAndSet(null, e)) {
                        threads.forEach(Thread::interrupt);
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            failure.compareAndSet(null, e);
            threads.forEach(Thread::interrupt);
            joinUninterruptibly(threads);
            throw e;
        }
        switch (failure.get()) {
            case null -> {
            }
            case ShardException e -> throw e;
            case IOException e -> throw e;
            case InterruptedException e -> throw e;
            case RuntimeException e -> throw e;
            case Exception e -> throw new IllegalStateException("No other exception is kept", e);
        }
    }

    /** Interrupted threads end soon, and none may write any more when the file is closed. */
    private static void joinUninterruptibly(List<Thread> threads) {
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException _) {
                    // The caller is told of the first interruption.
                }
            }
        }
    }

    private void fetch(Extent extent) throws ShardException, IOException, InterruptedException {
        ShardException last = new WeightsUnavailableException(
                "Nobody has tensor " + extent.piece().getTensorName() + ".");
        for (PieceSource source : sources.of(extent.piece())) {
            ExtentSink sink = sinks.apply(extent);
            try {
                source.read(modelDigest, extent.piece(), sink);
                if (sink.isRight()) {
                    onRight.accept(extent.piece());
                    return;
                }
                last = wrong(source, extent);
            } catch (ExtentSink.TooManyBytesException _) {
                last = wrong(source, extent);
            } catch (WeightsUnavailableException e) {
                last = e;
            }
            sink.takeBack();
        }
        throw last;
    }

    private DamagedPieceException wrong(PieceSource source, Extent extent) {
        sources.onWrong(source, extent.piece());
        return new DamagedPieceException(extent.piece().getTensorName(), "as they arrived");
    }
}

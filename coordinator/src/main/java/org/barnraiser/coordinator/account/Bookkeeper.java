package org.barnraiser.coordinator.account;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where settlements reach the database, on a thread of its own, so that no answer waits for it. A place in its queue is
 * taken when a request begins; so at its end there is always room, and nothing blocks. While the database is away it tries again.
 */
final class Bookkeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Bookkeeper.class);
    /** Requests that run or are not settled yet. */
    static final int PLACES = 10_000;
    private static final int BATCH = 200;
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration LAST_PATIENCE = Duration.ofSeconds(5);

    private final UsageBook book;
    private final BlockingQueue<UsageBook.Settlement> queue = new ArrayBlockingQueue<>(PLACES);
    private final Semaphore places = new Semaphore(PLACES);
    private final Thread thread = Thread.ofPlatform().name("bookkeeper").daemon().unstarted(this::run);
    private volatile boolean closing;

    private Bookkeeper(UsageBook book) {
        this.book = book;
    }

    static Bookkeeper start(UsageBook book) {
        Bookkeeper bookkeeper = new Bookkeeper(book);
        bookkeeper.thread.start();
        return bookkeeper;
    }

    /** One request's place; to be settled or given up, once. */
    final class Place {
        private final AtomicBoolean taken = new AtomicBoolean(true);

        /** Never blocks. */
        void settle(Reservation reservation, long promptTokens, long completionTokens) {
            if (taken.compareAndSet(true, false)) {
                queue.add(new UsageBook.Settlement(reservation, promptTokens, completionTokens));
            }
        }

        /** Nothing was reserved. */
        void giveUp() {
            if (taken.compareAndSet(true, false)) {
                places.release();
            }
        }
    }

    Place takePlace() throws RefusedException {
        if (!places.tryAcquire()) {
            throw new RefusedException(Refusal.busy("rate_limit_error", "accounts_behind",
                    "Too many requests are being accounted for already; try again in a few seconds.", 5));
        }
        return new Place();
    }

    private void run() {
        List<UsageBook.Settlement> batch = new ArrayList<>();
        long giveUpNanos = Long.MAX_VALUE;
        try {
            while (!closing || !queue.isEmpty() || !batch.isEmpty()) {
                if (closing && giveUpNanos == Long.MAX_VALUE) {
                    giveUpNanos = System.nanoTime() + LAST_PATIENCE.toNanos();
                }
                if (closing && System.nanoTime() - giveUpNanos > 0) {
                    LOG.warn("The members' database is away: {} requests are not accounted for.",
                            queue.size() + batch.size());
                    return;
                }
                takeInto(batch);
                settle(batch);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void takeInto(List<UsageBook.Settlement> batch) throws InterruptedException {
        if (batch.isEmpty()) {
            UsageBook.Settlement first = queue.poll(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
            if (first != null) {
                batch.add(first);
            }
        }
        queue.drainTo(batch, BATCH - batch.size());
    }

    private void settle(List<UsageBook.Settlement> batch) throws InterruptedException {
        if (batch.isEmpty()) {
            return;
        }
        try {
            book.settle(batch);
            places.release(batch.size());
            batch.clear();
        } catch (AccountException away) {
            LOG.warn("{} What was used is written when it is back.", away.getMessage());
            Thread.sleep(PAUSE);
        }
    }

    /** Writes what is left; blocks for a few seconds at most. */
    @Override
    public void close() {
        closing = true;
        try {
            if (!thread.join(LAST_PATIENCE.multipliedBy(2))) {
                thread.interrupt();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}

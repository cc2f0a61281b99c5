package org.barnraiser.trust;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log who was refused, at most a line each second: whoever knocks often must not fill the disk. */
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final long INTERVAL_NANOS = 1_000_000_000;

    private final AtomicLong next = new AtomicLong(System.nanoTime());

    void tell(String sentence) {
        long due = next.get();
        long now = System.nanoTime();
        if (now - due >= 0 && next.compareAndSet(due, now + INTERVAL_NANOS)) {
            LOG.warn("{}", sentence);
        }
    }
}

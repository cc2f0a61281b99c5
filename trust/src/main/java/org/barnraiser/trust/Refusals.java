package org.barnraiser.trust;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log who was refused: at most a line each second, and the same line at most once a minute, because a machine that was removed
 * goes on knocking, and whoever knocks often must not fill the disk. Thread-safe.
 */
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final long INTERVAL_NANOS = 1_000_000_000;
    private static final long REPEAT_NANOS = 60 * INTERVAL_NANOS;

    /** Guarded by this, as {@code toldNanos} is. */
    private String told = "";
    private long toldNanos;

    void tell(String sentence) {
        if (isDue(sentence, System.nanoTime())) {
            LOG.warn("{}", sentence);
        }
    }

    private synchronized boolean isDue(String sentence, long nowNanos) {
        long silence = sentence.equals(told) ? REPEAT_NANOS : INTERVAL_NANOS;
        if (!told.isEmpty() && nowNanos - toldNanos < silence) {
            return false;
        }
        told = sentence;
        toldNanos = nowNanos;
        return true;
    }
}

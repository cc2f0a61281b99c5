package org.barnraiser.worker.node;

import java.time.Duration;

/**
 * How slow somebody who sends a piece may be, until another one is asked.
 *
 * @param silence for so long nothing may come; the pace is looked at after it, too
 * @param leastBytesPerSecond a piece that arrives more slowly counts as not arriving; 0 where slow is better than not at all
 */
record Patience(Duration silence, long leastBytesPerSecond) {

    /** Whether it is over with a piece of which so many bytes have come after so long, though they never stopped. */
    boolean isOver(long receivedBytes, long nanos) {
        return nanos > silence.toNanos() && receivedBytes < leastBytesPerSecond * (nanos / 1e9);
    }
}

package org.barnraiser.testing.faults;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** How bytes go in one direction of a link, for all its connections. Callable from any thread. */
final class Flow {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Guarded by {@code lock}, as are the fields below. */
    private Pace pace = new Pace.Free();
    private int version;
    private boolean closed;
    private long carriedBytes;
    /** When the last byte that went far had left. */
    private long leftNanos = System.nanoTime();

    /** What happens to bytes. */
    sealed interface Pace {

        /** They go on at once. */
        record Free() implements Pace {}

        /** They wait until the pace changes, as packets that are sent again and again do. */
        record Held() implements Pace {}

        /** Each piece waits for {@code delay}, and for its turn at so many bytes per second. */
        record Slow(Duration delay, long bytesPerSecond) implements Pace {
            public Slow {
                if (delay.isNegative() || bytesPerSecond < 1) {
                    throw new IllegalArgumentException("a delay of " + delay + " and " + bytesPerSecond
                            + " bytes per second are no pace");
                }
            }

            private long nanos(int bytes) {
                return delay.toNanos() + TimeUnit.SECONDS.toNanos(bytes) / bytesPerSecond;
            }
        }

        /** As over a long cable: bytes follow each other at so many per second, and each arrives {@code delay} after it has left. */
        record Far(Duration delay, long bytesPerSecond) implements Pace {
            public Far {
                if (delay.isNegative() || bytesPerSecond < 1) {
                    throw new IllegalArgumentException("a delay of " + delay + " and " + bytesPerSecond
                            + " bytes per second are no distance");
                }
            }
        }
    }

    void set(Pace next) {
        lock.lock();
        try {
            pace = next;
            version++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Bytes that were admitted so far. */
    long carriedBytes() {
        lock.lock();
        try {
            return carriedBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Lets everything go, for good. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Blocks until so many bytes may go on; a change of pace counts from then on. False when the link is closed.
     *
     * @param cameNanos when they came to the link
     */
    boolean admit(int bytes, long cameNanos) throws InterruptedException {
        lock.lock();
        try {
            while (!closed) {
                int seen = version;
                switch (pace) {
                    case Pace.Free() -> {
                        carriedBytes += bytes;
                        return true;
                    }
                    case Pace.Held() -> changed.await();
                    case Pace.Far far -> {
                        leftNanos = cameNanos + Math.max(0, leftNanos - cameNanos)
                                + TimeUnit.SECONDS.toNanos(bytes) / far.bytesPerSecond();
                        if (outlasts(leftNanos + far.delay().toNanos() - System.nanoTime(), seen)) {
                            carriedBytes += bytes;
                            return true;
                        }
                    }
                    case Pace.Slow slow -> {
                        if (outlasts(slow.nanos(bytes), seen)) {
                            carriedBytes += bytes;
                            return true;
                        }
                    }
                }
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Whether this pace lasted for so long. */
    private boolean outlasts(long nanos, int seen) throws InterruptedException {
        long left = nanos;
        while (left > 0 && version == seen && !closed) {
            left = changed.awaitNanos(left);
        }
        return version == seen && !closed;
    }
}

package org.barnraiser.worker.node;

import java.util.Locale;

/** The memory that this worker lends, and what loaded stages have taken of it. Safe for use by several threads. */
final class MemoryBudget {
    private final long usableBytes;
    private long takenBytes;

    MemoryBudget(long usableBytes) {
        this.usableBytes = usableBytes;
    }

    long usableBytes() {
        return usableBytes;
    }

    synchronized long freeBytes() {
        return usableBytes - takenBytes;
    }

    /** Returns normally if that much is free now. */
    synchronized void requireFree(long bytes) throws OutOfBudgetException {
        requireFree(bytes, 0);
    }

    /** Returns normally if that much is free once {@code releasableBytes} are given back. */
    synchronized void requireFree(long bytes, long releasableBytes) throws OutOfBudgetException {
        long freeBytes = usableBytes - takenBytes + releasableBytes;
        if (bytes < 0 || bytes > freeBytes) {
            throw new OutOfBudgetException(bytes, freeBytes, usableBytes);
        }
    }

    /** A share that has taken nothing yet. */
    Share newShare() {
        return new Share();
    }

    /** What one stage has taken; closing gives it back. */
    final class Share implements AutoCloseable {
        private long bytes;

        private Share() {}

        long bytes() {
            synchronized (MemoryBudget.this) {
                return bytes;
            }
        }

        void take(long more) throws OutOfBudgetException {
            synchronized (MemoryBudget.this) {
                requireFree(more);
                bytes += more;
                takenBytes += more;
            }
        }

        @Override
        public void close() {
            synchronized (MemoryBudget.this) {
                takenBytes -= bytes;
                bytes = 0;
            }
        }
    }

    /** The stage does not fit. */
    static final class OutOfBudgetException extends Exception {
        private static final long serialVersionUID = 1L;

        OutOfBudgetException(String message) {
            super(message);
        }

        OutOfBudgetException(long neededBytes, long freeBytes, long usableBytes) {
            super(String.format(Locale.ROOT, "The stage needs %.1f MB of memory, weights, cache and buffers, but of the"
                    + " %.1f MB that this worker lends only %.1f MB are free; plan fewer layers or a smaller cache here,"
                    + " or lend more with --memory.", neededBytes / 1e6, usableBytes / 1e6,
                    Math.max(0, freeBytes) / 1e6));
        }
    }
}

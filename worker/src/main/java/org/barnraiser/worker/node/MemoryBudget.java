package org.barnraiser.worker.node;

/** The memory that this worker lends, and what loaded stages have taken of it. Safe for use by several threads. */
final class MemoryBudget {
    private final long usableBytes;
    private long reservedBytes;

    MemoryBudget(long usableBytes) {
        this.usableBytes = usableBytes;
    }

    long usableBytes() {
        return usableBytes;
    }

    synchronized long freeBytes() {
        return usableBytes - reservedBytes;
    }

    /**
     * Takes that much until the reservation is closed.
     *
     * @throws OutOfBudgetException names both numbers
     */
    synchronized Reservation reserve(long bytes) throws OutOfBudgetException {
        if (bytes > usableBytes - reservedBytes) {
            throw new OutOfBudgetException(bytes, usableBytes - reservedBytes, usableBytes);
        }
        reservedBytes += bytes;
        return new Reservation(bytes);
    }

    private synchronized void release(long bytes) {
        reservedBytes -= bytes;
    }

    /** Memory taken; closing it twice releases it once. */
    final class Reservation implements AutoCloseable {
        private long bytes;

        private Reservation(long bytes) {
            this.bytes = bytes;
        }

        @Override
        public synchronized void close() {
            release(bytes);
            bytes = 0;
        }
    }

    /** The stage does not fit. */
    static final class OutOfBudgetException extends Exception {
        private static final long serialVersionUID = 1L;

        OutOfBudgetException(long neededBytes, long freeBytes, long usableBytes) {
            super("The stage needs " + neededBytes + " bytes of memory, but of the " + usableBytes
                    + " bytes that this worker lends only " + freeBytes
                    + " are free; plan fewer layers or a smaller cache here.");
        }
    }
}

package org.barnraiser.worker.node;

import java.util.function.LongSupplier;
import org.barnraiser.proto.HiddenStates.Encoding;

/**
 * Measures a link to the next stage in use, and chooses the encoding of hidden states by it: f32, unless that would keep the link busy for
 * more than a tenth of the time in which this stage computes; then f16. Thread-safe.
 *
 * <p>The next stage is asked to say at once that a step has arrived: for every large one, and now and then for a small one. What large ones take
 * longer than the quickest small one, by the byte, is what the link costs. The lowest of several such values counts, so that a
 * machine that was busy for a moment is not taken for a slow link.
 */
final class LinkGauge {
    /** Smaller messages say nothing of the rate. */
    static final int LARGE_BYTES = 64 << 10;
    static final int MEASUREMENTS = 8;
    private static final int SMALL_STEPS_PER_ECHO = 16;
    private static final double TOO_MUCH = 0.1;
    /** Well below, so that the choice does not waver. */
    private static final double ACCEPTABLE = 0.07;
    private static final int MEMORY = 16;
    /** A small step that takes so much longer than twice the quickest had to wait for something else on the line. */
    private static final long LATE_NANOS = 5_000_000;

    private final LongSupplier nanoTime;
    private final double[] nanosPerByte = new double[MEASUREMENTS];
    private int measurements;
    private long quickestNanos = Long.MAX_VALUE;
    private double computeNanos;
    private double exactBytes;
    private Encoding encoding = Encoding.F32;
    private int small;
    /** The step whose arrival is awaited; 0 for none. */
    private long awaited;
    private long awaitedBytes;
    private long sentNanos;
    private boolean late;

    LinkGauge(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** How hidden states are to be encoded now. */
    synchronized Encoding encoding() {
        return encoding;
    }

    /**
     * A step is about to be sent.
     *
     * @param exactStateBytes what its hidden states would take as f32
     * @param tookNanos that this stage computed
     * @return whether the next stage is to be asked to say that it has arrived
     */
    synchronized boolean onSend(long number, long bytes, long exactStateBytes, long tookNanos) {
        exactBytes += (exactStateBytes - exactBytes) / MEMORY;
        computeNanos += (tookNanos - computeNanos) / MEMORY;
        boolean large = bytes >= LARGE_BYTES;
        if (awaited != 0 || (!large && small++ % SMALL_STEPS_PER_ECHO != 0)) {
            return false;
        }
        awaited = number;
        awaitedBytes = bytes;
        sentNanos = nanoTime.getAsLong();
        return true;
    }

    /** The next stage says that a step has arrived. */
    synchronized void onReceived(long number) {
        if (number != awaited) {
            return;
        }
        awaited = 0;
        long nanos = nanoTime.getAsLong() - sentNanos;
        if (awaitedBytes < LARGE_BYTES) {
            quickestNanos = Math.min(quickestNanos, nanos);
            late = nanos > 2 * quickestNanos + LATE_NANOS;
        } else if (quickestNanos != Long.MAX_VALUE) {
            nanosPerByte[measurements++ % MEASUREMENTS] = (double) Math.max(0, nanos - quickestNanos) / awaitedBytes;
            choose();
        }
    }

    /** Whether the latest small step whose arrival was told was late. */
    synchronized boolean isLate() {
        return late;
    }

    private void choose() {
        if (measurements < MEASUREMENTS) {
            return;
        }
        double lowest = Double.MAX_VALUE;
        for (double measured : nanosPerByte) {
            lowest = Math.min(lowest, measured);
        }
        double share = lowest * exactBytes / Math.max(1, computeNanos);
        if (share > TOO_MUCH) {
            encoding = Encoding.F16;
        } else if (share < ACCEPTABLE) {
            encoding = Encoding.F32;
        }
    }
}

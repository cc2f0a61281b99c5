package org.barnraiser.coordinator.account;

/**
 * So much within a minute, filled up again evenly. Not safe for threads: its {@link Allowance} owns it.
 */
final class MinuteBucket {
    private static final double NANOS = 60e9;

    private final long limit;
    private double level;
    private long asOfNanos;

    MinuteBucket(long limit, long nowNanos) {
        this.limit = limit;
        this.level = limit;
        this.asOfNanos = nowNanos;
    }

    long limit() {
        return limit;
    }

    long left(long nowNanos) {
        fill(nowNanos);
        return (long) Math.floor(level);
    }

    /** Takes so much, if there is so much. */
    boolean take(long amount, long nowNanos) {
        fill(nowNanos);
        if (level < amount) {
            return false;
        }
        level -= amount;
        return true;
    }

    /** What was taken and not used. */
    void giveBack(long amount, long nowNanos) {
        fill(nowNanos);
        level = Math.min((double) limit, level + amount);
    }

    /** When there will be so much again, rounded up. */
    long secondsUntil(long amount, long nowNanos) {
        fill(nowNanos);
        return (long) Math.ceil(Math.max(0, Math.min(amount, limit) - level) / (double) limit * NANOS / 1e9);
    }

    private void fill(long nowNanos) {
        level = Math.min((double) limit, level + (nowNanos - asOfNanos) / NANOS * (double) limit);
        asOfNanos = nowNanos;
    }
}

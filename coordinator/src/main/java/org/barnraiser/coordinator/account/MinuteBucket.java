package org.barnraiser.coordinator.account;

/**
 * So much within a minute, filled up again evenly. Not safe for threads: its {@link MinuteLevels} owns it.
 */
final class MinuteBucket {
    private static final double NANOS = 60e9;

    private final long limit;
    private double level;
    private long asOfNanos;

    /** @param level what was left at that time; more than the limit is not */
    MinuteBucket(long limit, double level, long asOfNanos) {
        this.limit = limit;
        this.level = Math.min((double) limit, level);
        this.asOfNanos = asOfNanos;
    }

    long limit() {
        return limit;
    }

    double level(long nowNanos) {
        fill(nowNanos);
        return level;
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
        long passed = nowNanos - asOfNanos;
        if (passed > 0) {
            level = Math.min((double) limit, level + passed / NANOS * (double) limit);
            asOfNanos = nowNanos;
        }
    }
}

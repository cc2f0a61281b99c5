package org.barnraiser.trust.manners;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets weights yield to steps that share a line with them. While steps go through this program, each one that was handed on makes room for
 * a few bytes of weights, in the time in which others compute: fewer when steps arrive late, more when they do not. When no step has
 * come for a second, weights go as they like. Thread-safe.
 *
 * <p>What is made room for grows only where it was not enough, since steps that are punctual while nothing else goes say nothing of how much
 * could go. It doubles, so that a thick line is soon used for what it is worth, until steps are late; from then on it doubles up to
 * half of what was too much, and feels its way beyond.
 */
public final class Courtesy {
    /** At 20 Mbit/s the line is busy with it for 26 ms. */
    public static final int FIRST_BYTES = 64 << 10;
    /** Whatever steps meet with: weights never stand still. */
    public static final int LEAST_BYTES = 16 << 10;
    /** More than a line takes from one step to the next. */
    public static final int MOST_BYTES = 64 << 20;
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LongSupplier nanoTime;
    /** All guarded by this. */
    private boolean stepsCame;
    private long stepNanos;
    private int share = FIRST_BYTES;
    /** Half of what was too much last. */
    private int known = MOST_BYTES;
    private int room;
    /** Since arrivals were last told of: whether weights went after steps, and whether more wanted to. */
    private boolean used;
    private boolean usedUp;

    /** @param nanoTime a clock in nanoseconds, as {@link System#nanoTime} */
    public Courtesy(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** For what must not wait. */
    public static Courtesy none() {
        return new Courtesy(System::nanoTime);
    }

    /** A step was handed on. Never blocks. */
    public synchronized void onStep() {
        stepsCame = true;
        stepNanos = nanoTime.getAsLong();
        room = share;
        notifyAll();
    }

    /** It was measured whether steps arrive in time; what has gone of weights since that was told last is the cause or is not. Never blocks. */
    public synchronized void onArrival(boolean late) {
        if (late && used) {
            known = Math.max(LEAST_BYTES, share / 2);
            share = Math.min(known, FIRST_BYTES);
        } else if (!late && usedUp) {
            share = share < known ? Math.min(known, 2 * share) : Math.min(MOST_BYTES, share + share / 4);
        }
        used = false;
        usedUp = false;
    }

    /** How many of these bytes of weights may go now; 0 while steps go first. Never blocks. */
    public synchronized int take(int bytes) {
        if (quietNanos() <= 0) {
            return bytes;
        }
        int taken = Math.min(bytes, room);
        room -= taken;
        used |= taken > 0;
        usedUp |= taken < bytes;
        return taken;
    }

    /** Blocks until some of these bytes may go, for about a second at most where others leave any; says how many, above zero. */
    public synchronized int await(int bytes) throws InterruptedException {
        int taken = take(bytes);
        while (taken == 0) {
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(1_000_000, quietNanos()));
            taken = take(bytes);
        }
        return taken;
    }

    /** Blocks until all of these bytes may go; says for how many nanoseconds. */
    public long awaitAll(int bytes) throws InterruptedException {
        long begun = nanoTime.getAsLong();
        for (int left = bytes; left > 0;) {
            left -= await(left);
        }
        return nanoTime.getAsLong() - begun;
    }

    /** Until there is quiet; not positive when there is. */
    private long quietNanos() {
        return stepsCame ? QUIET_NANOS - (nanoTime.getAsLong() - stepNanos) : 0;
    }
}

package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import java.time.Duration;

/**
 * Decides when a better cut of the model is worth a move: when what it would gain is clear, has been so for a while without a break, and
 * the last move is long enough ago. After each move the pause is twice as long, so machines whose speed comes and goes do not have the
 * model moved back and forth. Owned by one thread.
 */
final class Insistence {
    /** A move makes every reader wait a moment; it must be worth it. */
    private static final double MIN_GAIN = 0.2;
    /** No reader notices less, and with steps as short as that a measurement is mostly noise. */
    private static final double MIN_SAVED_SECONDS = 0.002;
    private static final int LONGEST_PAUSES = 64;

    private final Duration seenFor;
    private final Duration pause;
    private final Ticker ticker;
    private boolean clear;
    private long clearSinceNanos;
    private long lookedNanos;
    private boolean moved;
    private long movedNanos;
    private int pauses = 1;

    /**
     * Has seen nothing yet.
     *
     * @param seenFor how long a gain must be clear
     * @param pause from the first move to the next
     */
    Insistence(Duration seenFor, Duration pause, Ticker ticker) {
        this.seenFor = seenFor;
        this.pause = pause;
        this.ticker = ticker;
    }

    /**
     * What another cut would gain at the moment, 0 for none; to be told at every look.
     *
     * @param gain part of a token's time
     * @return whether to move now
     */
    boolean isWorthIt(double gain, double savedSeconds) {
        long now = ticker.read();
        boolean wasClear = clear && now - lookedNanos <= seenFor.toNanos();
        lookedNanos = now;
        clear = gain >= MIN_GAIN && savedSeconds >= MIN_SAVED_SECONDS;
        if (!clear || !wasClear) {
            clearSinceNanos = now;
        }
        return clear && now - clearSinceNanos >= seenFor.toNanos() && !isResting(now);
    }

    private boolean isResting(long now) {
        return moved && now - movedNanos < pause.toNanos() * pauses;
    }

    /** A move begins. */
    void onMoved() {
        long now = ticker.read();
        boolean longAgo = moved && now - movedNanos > 2 * LONGEST_PAUSES * pause.toNanos();
        pauses = !moved || longAgo ? 1 : Math.min(LONGEST_PAUSES, pauses * 2);
        moved = true;
        movedNanos = now;
        clear = false;
    }
}

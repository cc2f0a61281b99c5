package org.barnraiser.coordinator.schedule;

import com.google.common.base.Ticker;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** By when a pipeline that has work must have given its next result, so as not to be called silent. */
final class ResultDeadline {
    /** Who looks so much later than it meant to was not running itself. */
    private static final Duration OVERSLEPT = Duration.ofSeconds(1);

    private final Ticker ticker;
    private final Pace pace;
    private long lastProgressNanos;
    private long lookNanos;
    /** Steps up to this one were on their way while this process stood still; their times mean nothing. */
    private long untimedUpTo;

    ResultDeadline(Ticker ticker, DriverLimits limits) {
        this.ticker = ticker;
        pace = new Pace(Duration.ofMillis(limits.stepTimeoutMillis()), limits.leastSilence());
    }

    /** A pipeline that was idle has work. */
    void onWork() {
        lastProgressNanos = ticker.read();
        lookNanos = lastProgressNanos;
    }

    /** To be called before anything else when the pipeline has work and this process looks at it. */
    void onLook(long lastStepNumber) {
        long now = ticker.read();
        if (now - lookNanos > OVERSLEPT.toNanos()) {
            // What the pipeline said meanwhile may not have been read yet.
            lastProgressNanos = now;
            lookNanos = now;
            untimedUpTo = lastStepNumber;
        }
    }

    void onResult(SentStep step, boolean computed) {
        lastProgressNanos = ticker.read();
        if (computed && step.number() > untimedUpTo) {
            pace.learn(step.tokensOnTheirWay(), lastProgressNanos - step.sentNanos());
        }
    }

    /**
     * Nanoseconds left; whoever asks looks again by then.
     *
     * @param oldest the step whose result is due, if one is on its way
     */
    long nanosLeft(@Nullable SentStep oldest) {
        long now = ticker.read();
        long left = allowedNanos(oldest) - (now - silentSinceNanos(oldest));
        lookNanos = now + Math.max(0, left);
        return left;
    }

    private long silentSinceNanos(@Nullable SentStep oldest) {
        return oldest != null && oldest.sentNanos() - lastProgressNanos > 0 ? oldest.sentNanos() : lastProgressNanos;
    }

    long allowedNanos(@Nullable SentStep oldest) {
        return oldest == null ? pace.unknownNanos() : pace.allowedNanos(oldest.tokensOnTheirWay());
    }
}

package org.barnraiser.coordinator.account;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableMap;
import java.util.OptionalLong;

/** What one key has left of its limits of the minute and of requests at the same time, on this coordinator. Safe for threads. */
final class Allowance {
    private final KeyLimits limits;
    private final Ticker ticker;
    private final MinuteLevels minute;
    private long running;

    Allowance(KeyLimits limits, Ticker ticker) {
        this.limits = limits;
        this.ticker = ticker;
        this.minute = MinuteLevels.full(limits, ticker.read());
    }

    KeyLimits limits() {
        return limits;
    }

    /** Counts a request in. */
    synchronized void begin() throws RefusedException {
        if (limits.concurrentRequests().isPresent() && running >= limits.concurrentRequests().getAsLong()) {
            throw minute.refused("requests", "This key may have " + limits.concurrentRequests().getAsLong()
                    + " answers at the same time, and has so many; ask again when one is complete.", 1, ticker.read());
        }
        minute.takeRequest(ticker.read());
        running++;
    }

    synchronized void end() {
        running--;
    }

    /** Reserves tokens. */
    synchronized void take(long amount) throws RefusedException {
        minute.takeTokens(amount, ticker.read());
    }

    synchronized void giveBack(long amount) {
        minute.giveBackTokens(amount, ticker.read());
    }

    /** The request was refused after all, by what all coordinators count together. */
    synchronized void giveBackRequest() {
        minute.giveBackRequest(ticker.read());
    }

    /** Tokens that are left within this minute; none without a limit. */
    synchronized OptionalLong tokensLeft() {
        return minute.tokensLeft(ticker.read());
    }

    /** OpenAI's words for what is left. */
    synchronized ImmutableMap<String, String> headers() {
        return minute.headers(ticker.read());
    }
}

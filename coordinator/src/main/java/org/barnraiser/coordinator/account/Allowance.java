package org.barnraiser.coordinator.account;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import java.util.OptionalLong;

/** What one key has left of its limits of the minute and of requests at the same time, on this coordinator. Safe for threads. */
final class Allowance {
    private static final String RATE_LIMIT = "rate_limit_exceeded";

    private final KeyLimits limits;
    private final Ticker ticker;
    private final Optional<MinuteBucket> requests;
    private final Optional<MinuteBucket> tokens;
    private long running;

    Allowance(KeyLimits limits, Ticker ticker) {
        this.limits = limits;
        this.ticker = ticker;
        this.requests = bucket(limits.requestsPerMinute());
        this.tokens = bucket(limits.tokensPerMinute());
    }

    private Optional<MinuteBucket> bucket(OptionalLong limit) {
        return limit.isPresent() ? Optional.of(new MinuteBucket(limit.getAsLong(), ticker.read())) : Optional.empty();
    }

    KeyLimits limits() {
        return limits;
    }

    /** Counts a request in. */
    synchronized void begin() throws RefusedException {
        if (limits.concurrentRequests().isPresent() && running >= limits.concurrentRequests().getAsLong()) {
            throw refused("requests", "This key may have " + limits.concurrentRequests().getAsLong()
                    + " answers at the same time, and has so many; ask again when one is complete.", 1);
        }
        if (requests.isPresent() && !requests.get().take(1, ticker.read())) {
            throw refused("requests", "This key may ask " + requests.get().limit()
                    + " times a minute, and has 0 left.", requests.get().secondsUntil(1, ticker.read()));
        }
        running++;
    }

    synchronized void end() {
        running--;
    }

    /** Reserves tokens. */
    synchronized void take(long amount) throws RefusedException {
        if (tokens.isEmpty()) {
            return;
        }
        MinuteBucket bucket = tokens.get();
        if (amount > bucket.limit()) {
            throw new RefusedException(Refusal.busy("tokens", RATE_LIMIT, "This request may take " + amount
                    + " tokens, and this key may use " + bucket.limit()
                    + " a minute; ask for a shorter answer or about less text.", 60).with(headers()));
        }
        if (!bucket.take(amount, ticker.read())) {
            throw refused("tokens", "This request may take " + amount + " tokens, and this key has "
                    + bucket.left(ticker.read()) + " of its " + bucket.limit() + " a minute left.",
                    bucket.secondsUntil(amount, ticker.read()));
        }
    }

    synchronized void giveBack(long amount) {
        tokens.ifPresent(bucket -> bucket.giveBack(amount, ticker.read()));
    }

    /** Tokens that are left within this minute; none without a limit. */
    synchronized OptionalLong tokensLeft() {
        return tokens.isPresent() ? OptionalLong.of(tokens.get().left(ticker.read())) : OptionalLong.empty();
    }

    /** OpenAI's words for what is left. */
    synchronized ImmutableMap<String, String> headers() {
        ImmutableMap.Builder<String, String> headers = ImmutableMap.builder();
        requests.ifPresent(bucket -> add(headers, "requests", bucket));
        tokens.ifPresent(bucket -> add(headers, "tokens", bucket));
        return headers.buildOrThrow();
    }

    private void add(ImmutableMap.Builder<String, String> headers, String what, MinuteBucket bucket) {
        long now = ticker.read();
        headers.put("x-ratelimit-limit-" + what, Long.toString(bucket.limit()))
                .put("x-ratelimit-remaining-" + what, Long.toString(bucket.left(now)))
                .put("x-ratelimit-reset-" + what, bucket.secondsUntil(bucket.limit(), now) + "s");
    }

    private RefusedException refused(String type, String message, long waitSeconds) {
        return new RefusedException(Refusal.busy(type, RATE_LIMIT, message, waitSeconds).with(headers()));
    }
}

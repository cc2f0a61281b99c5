package org.barnraiser.coordinator.account;

import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import java.util.OptionalLong;

/** What one key has left of its limits of the minute. Not safe for threads: its owner guards it. */
final class MinuteLevels {
    static final String RATE_LIMIT = "rate_limit_exceeded";

    private static final double WITHOUT_LIMIT = 1e18;

    private final Optional<MinuteBucket> requests;
    private final Optional<MinuteBucket> tokens;

    private MinuteLevels(Optional<MinuteBucket> requests, Optional<MinuteBucket> tokens) {
        this.requests = requests;
        this.tokens = tokens;
    }

    /** Nothing was used yet. */
    static MinuteLevels full(KeyLimits limits, long nowNanos) {
        return of(limits, WITHOUT_LIMIT, WITHOUT_LIMIT, nowNanos);
    }

    /** So much was left at that time; what has no limit is not looked at. */
    static MinuteLevels of(KeyLimits limits, double requests, double tokens, long asOfNanos) {
        return new MinuteLevels(bucket(limits.requestsPerMinute(), requests, asOfNanos),
                bucket(limits.tokensPerMinute(), tokens, asOfNanos));
    }

    private static Optional<MinuteBucket> bucket(OptionalLong limit, double level, long asOfNanos) {
        return limit.isPresent()
                ? Optional.of(new MinuteBucket(limit.getAsLong(), level, asOfNanos))
                : Optional.empty();
    }

    void takeRequest(long nowNanos) throws RefusedException {
        if (requests.isPresent() && !requests.get().take(1, nowNanos)) {
            throw refused("requests", "This key may ask " + requests.get().limit()
                    + " times a minute, and has 0 left.", requests.get().secondsUntil(1, nowNanos), nowNanos);
        }
    }

    void takeTokens(long amount, long nowNanos) throws RefusedException {
        if (tokens.isEmpty()) {
            return;
        }
        MinuteBucket bucket = tokens.get();
        if (amount > bucket.limit()) {
            throw refused("tokens", "This request may take " + amount + " tokens, and this key may use "
                    + bucket.limit() + " a minute; ask for a shorter answer or about less text.", 60, nowNanos);
        }
        if (!bucket.take(amount, nowNanos)) {
            throw refused("tokens", "This request may take " + amount + " tokens, and this key has "
                    + bucket.left(nowNanos) + " of its " + bucket.limit() + " a minute left.",
                    bucket.secondsUntil(amount, nowNanos), nowNanos);
        }
    }

    RefusedException refused(String type, String message, long waitSeconds, long nowNanos) {
        return new RefusedException(Refusal.busy(type, RATE_LIMIT, message, waitSeconds).with(headers(nowNanos)));
    }

    void giveBackRequest(long nowNanos) {
        requests.ifPresent(bucket -> bucket.giveBack(1, nowNanos));
    }

    void giveBackTokens(long amount, long nowNanos) {
        tokens.ifPresent(bucket -> bucket.giveBack(amount, nowNanos));
    }

    /** None without a limit. */
    OptionalLong tokensLeft(long nowNanos) {
        return tokens.isPresent() ? OptionalLong.of(tokens.get().left(nowNanos)) : OptionalLong.empty();
    }

    /** To be kept, and given to {@link #of} again; more than any limit where there is none. */
    double requestLevel(long nowNanos) {
        return level(requests, nowNanos);
    }

    /** The same for tokens. */
    double tokenLevel(long nowNanos) {
        return level(tokens, nowNanos);
    }

    private static double level(Optional<MinuteBucket> bucket, long nowNanos) {
        return bucket.isPresent() ? bucket.get().level(nowNanos) : WITHOUT_LIMIT;
    }

    /** OpenAI's words for what is left. */
    ImmutableMap<String, String> headers(long nowNanos) {
        ImmutableMap.Builder<String, String> headers = ImmutableMap.builder();
        requests.ifPresent(bucket -> add(headers, "requests", bucket, nowNanos));
        tokens.ifPresent(bucket -> add(headers, "tokens", bucket, nowNanos));
        return headers.buildOrThrow();
    }

    private static void add(ImmutableMap.Builder<String, String> headers, String what, MinuteBucket bucket, long now) {
        headers.put("x-ratelimit-limit-" + what, Long.toString(bucket.limit()))
                .put("x-ratelimit-remaining-" + what, Long.toString(bucket.left(now)))
                .put("x-ratelimit-reset-" + what, bucket.secondsUntil(bucket.limit(), now) + "s");
    }
}

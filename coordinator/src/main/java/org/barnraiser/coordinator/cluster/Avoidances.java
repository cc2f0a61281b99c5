package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableMap;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Machines that failed a short while ago, although they are there; a plan does without them when it can. Owned by one thread. */
final class Avoidances {
    private final Ticker ticker;
    private final Duration duration;
    /** By incarnation. */
    private final Map<String, Avoided> avoided = new HashMap<>();

    private record Avoided(long endNanos, String reason) {}

    Avoidances(Ticker ticker, Duration duration) {
        this.ticker = ticker;
        this.duration = duration;
    }

    /**
     * From now on, for a while.
     *
     * @param reason one sentence in plain words
     */
    void add(String incarnationId, String reason) {
        avoided.put(incarnationId, new Avoided(ticker.read() + duration.toNanos(), reason));
    }

    /** The incarnations to avoid now, with the reasons. */
    ImmutableMap<String, String> now() {
        long now = ticker.read();
        avoided.values().removeIf(entry -> entry.endNanos() - now <= 0);
        ImmutableMap.Builder<String, String> reasons = ImmutableMap.builder();
        avoided.forEach((incarnation, entry) -> reasons.put(incarnation, entry.reason()));
        return reasons.buildOrThrow();
    }
}

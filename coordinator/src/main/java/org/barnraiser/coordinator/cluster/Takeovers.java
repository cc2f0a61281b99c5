package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import io.prometheus.client.Counter;
import io.prometheus.client.Histogram;
import java.util.concurrent.TimeUnit;

/** Counts how often a pipeline was lost or moved and another one went on, and how long readers waited. Written by the event loop. */
final class Takeovers {
    private static final long NONE = Long.MIN_VALUE;

    private final Ticker ticker;
    private final Counter total = Counter.build("barnraiser_takeovers_total",
            "Times that a pipeline was lost or moved and its answers went on with another one.").create();
    private final Histogram seconds = Histogram.build("barnraiser_takeover_seconds",
            "From the loss of a pipeline, or the switch to another one, until answers go on.")
            .buckets(.1, .25, .5, 1, 2, 3, 5, 10, 30, 60, 300).create();
    private long lostNanos = NONE;

    Takeovers(Ticker ticker) {
        this.ticker = ticker;
    }

    /** A pipeline that answered does not any more. */
    void onLost() {
        if (lostNanos == NONE) {
            lostNanos = ticker.read();
        }
    }

    /** A pipeline answers. */
    void onReady() {
        if (lostNanos != NONE) {
            total.inc();
            seconds.observe((double) (ticker.read() - lostNanos) / TimeUnit.SECONDS.toNanos(1));
            lostNanos = NONE;
        }
    }

    long count() {
        return (long) total.get();
    }

    Counter total() {
        return total;
    }

    Histogram seconds() {
        return seconds;
    }
}

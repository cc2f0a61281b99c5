package org.barnraiser.coordinator.cluster;

import java.time.Duration;

/** How long to wait from one failed attempt to the next: twice as long each time, up to a limit. Owned by one thread. */
final class BackOff {
    private final Duration first;
    private final Duration limit;
    private Duration next;

    BackOff(Duration first, Duration limit) {
        this.first = first;
        this.limit = limit;
        next = first;
    }

    /** How long to wait now, after one more failure. */
    Duration next() {
        Duration now = next;
        Duration doubled = now.multipliedBy(2);
        next = doubled.compareTo(limit) < 0 ? doubled : limit;
        return now;
    }

    /** Something has worked: the next failure is a first one again. */
    void reset() {
        next = first;
    }
}

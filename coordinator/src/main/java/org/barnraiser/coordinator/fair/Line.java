package org.barnraiser.coordinator.fair;

import java.util.LinkedHashSet;
import java.util.SequencedSet;

/** One account's place among the others. Guarded by the queue's lock. */
final class Line {
    final String account;
    final SequencedSet<Turn> waiting = new LinkedHashSet<>();
    int weight;
    int running;
    /** Tokens that it was served, divided by its weight. */
    double served;
    long lastActiveNanos;

    Line(String account) {
        this.account = account;
    }

    boolean isActive() {
        return running > 0 || !waiting.isEmpty();
    }

    void charge(double tokens) {
        served += tokens / weight;
    }
}

package org.barnraiser.coordinator.fair;

import java.util.LinkedHashSet;
import java.util.SequencedSet;

/** One account's place among the others. Guarded by the queue's lock. */
final class Line {
    final String account;
    /** Those that were set aside come first. */
    final SequencedSet<Turn> waiting = new LinkedHashSet<>();
    /** In the order in which they began. */
    final SequencedSet<Turn> running = new LinkedHashSet<>();
    int weight;
    /** Tokens that it was served, or that are about to be, divided by its weight. */
    double served;
    /** Of them, prompts that have slots and that nobody has begun to read. */
    double promised;
    long lastActiveNanos;

    Line(String account) {
        this.account = account;
    }

    boolean isActive() {
        return !running.isEmpty() || !waiting.isEmpty();
    }

    /** Whether it asks for several answers at once. */
    boolean asksForSeveral() {
        return running.size() + waiting.size() > 1;
    }

    void charge(double tokens) {
        served += tokens / weight;
    }

    /** What it was served until now. */
    double received() {
        return served - promised;
    }
}

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
    /** Of them, what has not been read yet of the prompts that have slots. */
    double promised;
    long lastActiveNanos;

    Line(String account) {
        this.account = account;
    }

    boolean isActive() {
        return !running.isEmpty() || !waiting.isEmpty();
    }

    void charge(double tokens) {
        served += tokens / weight;
    }

    /** So many more tokens of a prompt that has a slot are to be read, or fewer. */
    void promise(int tokens) {
        promised += (double) tokens / weight;
    }

    /** Whether it has more slots for its weight than that account. */
    boolean hasMoreThan(Line other) {
        return (long) running.size() * other.weight > (long) other.running.size() * weight;
    }

    /** Whether it asks for more answers at once than that account, which was served no more. */
    boolean asksForMoreThan(Line other) {
        return wanted() > other.wanted() && received() >= other.received();
    }

    /** Answers that it asks for at once. */
    int wanted() {
        return running.size() + waiting.size();
    }

    /** What it was served until now. */
    double received() {
        return served - promised;
    }
}

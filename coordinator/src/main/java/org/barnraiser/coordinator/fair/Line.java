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

    /** Whether it asks for several answers at once. */
    boolean asksForSeveral() {
        return wanted() > 1;
    }

    void charge(double tokens) {
        served += tokens / weight;
    }

    /** So many more tokens of a prompt that has a slot are to be read, or fewer. */
    void promise(int tokens) {
        promised += (double) tokens / weight;
    }

    /** Whether one of its answers is to give its slot up for that account, which has fewer and was served no more. */
    boolean makesRoomFor(Line other) {
        return goesAfter(other) && (long) running.size() * other.weight > (long) other.running.size() * weight;
    }

    /** Whether it asks for several answers at once, for more than that account, which was served no more. */
    boolean goesAfter(Line other) {
        return this != other && asksForSeveral() && received() >= other.received()
                && (long) wanted() * other.weight > (long) other.wanted() * weight;
    }

    private int wanted() {
        return running.size() + waiting.size();
    }

    /** What it was served until now. */
    double received() {
        return served - promised;
    }
}

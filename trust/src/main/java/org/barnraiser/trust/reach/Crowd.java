package org.barnraiser.trust.reach;

import java.util.HashMap;
import java.util.Map;

/** Bounds how many things of a kind there are at a time, of one member and of all. Thread-safe. */
final class Crowd {
    private final int mostOfOne;
    private final int most;
    /** Guarded by this, as {@code all} is. */
    private final Map<String, Integer> counts = new HashMap<>();
    private int all;

    Crowd(int mostOfOne, int most) {
        this.mostOfOne = mostOfOne;
        this.most = most;
    }

    /** Says whether there is room; then it is to be given back. */
    synchronized boolean enter(String member) {
        int present = counts.getOrDefault(member, 0);
        if (present >= mostOfOne || all >= most) {
            return false;
        }
        counts.put(member, present + 1);
        all++;
        return true;
    }

    synchronized void leave(String member) {
        counts.computeIfPresent(member, (_, present) -> present == 1 ? null : present - 1);
        all--;
    }
}

package org.barnraiser.coordinator.cluster;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long workers took lately to answer a question that is no work: the ground for how long one may say nothing before it counts as lost.
 * Thread-safe; never blocks.
 *
 * <p>What gets lost on its way is sent again after a round trip and a little more, then after twice that, and so on. The usual patience
 * outlasts three losses in a row on a way of no length, and a round trip longer makes that seven round trips longer. A line that is filled
 * by an upload shows in its round trips, too.
 */
final class RoundTrips {
    /** One, two and four: what three losses in a row take. */
    static final int TRIPS = 7;
    /** However long the trips are, nobody is waited for longer than so many times the usual. */
    static final int MOST_TIMES = 3;
    /** As many workers as are remembered. */
    private static final int MOST = 4096;

    /** By address, the oldest first; guarded by this. */
    private final Map<String, Lately> lately = new LinkedHashMap<>();

    /** The worker there has answered after so long. */
    synchronized void learn(String address, long nanos) {
        lately.computeIfAbsent(address, _ -> new Lately()).learn(nanos);
        if (lately.size() > MOST) {
            lately.remove(lately.keySet().iterator().next());
        }
    }

    /** How long the worker there may say nothing, where one on a cable within the house may do so for the usual time. */
    synchronized Duration patience(String address, Duration usual) {
        Lately known = lately.get(address);
        return known == null ? usual : patience(usual, known.nanos());
    }

    /** The same, for a round trip of so many nanoseconds. */
    static Duration patience(Duration usual, long tripNanos) {
        long longest = usual.toNanos() * (MOST_TIMES - 1);
        return usual.plusNanos(tripNanos > longest / TRIPS ? longest : TRIPS * tripNanos);
    }

    /** The last round trips to one worker. */
    private static final class Lately {
        private static final int MEMORY = 8;

        private final long[] trips = new long[MEMORY];
        private int next;

        void learn(long nanos) {
            trips[next] = Math.max(0, nanos);
            next = (next + 1) % MEMORY;
        }

        /** The second longest: a machine that was busy or asleep once is not far. */
        long nanos() {
            long longest = 0;
            long second = 0;
            for (long trip : trips) {
                second = Math.max(second, Math.min(longest, trip));
                longest = Math.max(longest, trip);
            }
            return second;
        }
    }
}

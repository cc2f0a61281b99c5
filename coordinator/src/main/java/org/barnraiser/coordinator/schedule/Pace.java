package org.barnraiser.coordinator.schedule;

import java.time.Duration;

/**
 * How long a pipeline takes for its steps, learned from its results: the ground for calling it silent.
 *
 * <p>Times are kept by the number of tokens that were on their way, in classes that double: a step of one token tells little of a step
 * of 256. For a class that was not seen yet, the nearest smaller one is scaled up by tokens, which is generous, since computing many
 * tokens together is cheaper than one by one; if there is none, the nearest larger one is an upper bound.
 */
final class Pace {
    /** Before so many results nothing is concluded: the first steps read weights from the disk. */
    static final int RESULTS_TO_LEARN = 16;
    /** So much longer than the slowest of late may a step take on a machine that has other things to do as well. */
    static final int PATIENCE = 8;
    /** What is allowed in any case, where no way is long. */
    static final Duration LEAST = Duration.ofSeconds(2);
    /** A slow result counts for about so many results of its class. */
    private static final int MEMORY = 64;
    private static final int CLASSES = 32;

    private final long unknownNanos;
    private final long leastNanos;
    /** By class; 0 where none was seen. */
    private final long[] slowestNanos = new long[CLASSES];
    private int results;

    /**
     * Nothing is known yet.
     *
     * @param unknown what is allowed before anything is known
     * @param least what is allowed in any case
     */
    Pace(Duration unknown, Duration least) {
        unknownNanos = unknown.toNanos();
        leastNanos = least.toNanos();
    }

    /**
     * A result has come.
     *
     * @param tokens those of its step, and of all that were on their way when it was sent
     * @param nanos from sending it to the result
     */
    void learn(int tokens, long nanos) {
        if (tokens == 0) {
            return;
        }
        int seen = classOf(tokens);
        long slowest = slowestNanos[seen];
        slowestNanos[seen] = Math.max(1, nanos >= slowest ? nanos : slowest - (slowest - nanos) / MEMORY);
        results = Math.min(results + 1, RESULTS_TO_LEARN);
    }

    /** How long the pipeline may be silent with so many tokens on their way. */
    long allowedNanos(int tokens) {
        if (results < RESULTS_TO_LEARN) {
            return Math.max(unknownNanos, times(PATIENCE, expectedNanos(tokens)));
        }
        return Math.max(leastNanos, times(PATIENCE, expectedNanos(tokens)));
    }

    /** What is allowed while nothing is on its way although there is work. */
    long unknownNanos() {
        return unknownNanos;
    }

    private long expectedNanos(int tokens) {
        int wanted = classOf(tokens);
        for (int smaller = wanted; smaller >= 0; smaller--) {
            if (slowestNanos[smaller] > 0) {
                return smaller == wanted
                        ? slowestNanos[wanted]
                        : times(1L << (wanted + 1 - smaller), slowestNanos[smaller]);
            }
        }
        for (int larger = wanted; larger < CLASSES; larger++) {
            if (slowestNanos[larger] > 0) {
                return slowestNanos[larger];
            }
        }
        return 0;
    }

    private static int classOf(int tokens) {
        return CLASSES - 1 - Integer.numberOfLeadingZeros(Math.max(1, tokens));
    }

    private static long times(long factor, long nanos) {
        return nanos > Long.MAX_VALUE / 2 / factor ? Long.MAX_VALUE / 2 : factor * nanos;
    }
}

package org.barnraiser.coordinator.cluster;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * Whether a draft model is what breaks pipelines: it shares a process with the head, so nobody can see which of the two crashed. A pipeline
 * that is lost soon after its draft model began to guess may have been lost by it; after several in a row there is to be none any more.
 * Not for several threads.
 */
final class Suspicion {
    static final Duration SOON = Duration.ofSeconds(30);
    static final int MOST_IN_A_ROW = 3;

    private int inARow;

    /**
     * A pipeline has ended.
     *
     * @param guessedNanos for so long its draft model had guessed; empty when it had not
     */
    void pipelineEnded(OptionalLong guessedNanos) {
        boolean soon = guessedNanos.isPresent() && guessedNanos.getAsLong() < SOON.toNanos();
        inARow = soon ? inARow + 1 : 0;
    }

    /** For good: whoever restarts the coordinator tries anew. */
    boolean isGrave() {
        return inARow >= MOST_IN_A_ROW;
    }
}

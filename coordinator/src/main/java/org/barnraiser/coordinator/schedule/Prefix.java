package org.barnraiser.coordinator.schedule;

import java.util.function.IntUnaryOperator;

/**
 * What the caches of all stages hold of a sequence from its beginning on, once the steps sent so far are done.
 *
 * @param tokens by position, below {@code length}
 * @param throughStep number of the last step that had a part in it
 */
record Prefix(IntUnaryOperator tokens, int length, long throughStep) {

    /** So many first tokens can serve the sequence: at least its last one has to be fed, or nothing could be sampled. */
    int commonLength(Sequence sequence) {
        int limit = Math.min(length, sequence.length() - 1);
        int common = 0;
        while (common < limit && tokens.applyAsInt(common) == sequence.token(common)) {
            common++;
        }
        return common;
    }
}

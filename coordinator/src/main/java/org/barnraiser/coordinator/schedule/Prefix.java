package org.barnraiser.coordinator.schedule;

import java.util.List;
import java.util.function.IntUnaryOperator;
import org.barnraiser.proto.AdapterUse;

/**
 * What the caches of all stages hold of a sequence from its beginning on, once the steps sent so far are done.
 *
 * @param tokens by position, below {@code length}
 * @param throughStep number of the last step that had a part in it
 * @param adapters what it was computed with; of no use to a sequence with others
 */
record Prefix(IntUnaryOperator tokens, int length, long throughStep, List<AdapterUse> adapters) {

    /** So many first tokens can serve the sequence: at least its last one has to be fed, or nothing could be sampled. */
    int commonLength(Sequence sequence) {
        if (!adapters.equals(sequence.adapters())) {
            return 0;
        }
        int limit = Math.min(length, sequence.length() - 1);
        int common = 0;
        while (common < limit && tokens.applyAsInt(common) == sequence.token(common)) {
            common++;
        }
        return common;
    }
}

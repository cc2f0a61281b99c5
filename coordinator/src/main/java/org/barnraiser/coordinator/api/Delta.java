package org.barnraiser.coordinator.api;

import java.util.List;
import org.barnraiser.proto.SampledToken;

/**
 * What an answer gained: text that may be shown, and the tokens it came from.
 *
 * @param scored the tokens with their log-probabilities; empty when nobody asked for them
 */
record Delta(String text, List<Scored> scored) {

    /**
     * A token with its log-probability.
     *
     * @param textOffset where its text starts, in chars from the start of the answer
     */
    record Scored(SampledToken token, int textOffset) {}

    boolean isEmpty() {
        return text.isEmpty() && scored.isEmpty();
    }
}

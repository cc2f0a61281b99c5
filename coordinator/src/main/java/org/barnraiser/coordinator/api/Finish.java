package org.barnraiser.coordinator.api;

import java.util.Optional;

/**
 * How an answer ended.
 *
 * @param stop the stop string that ended it
 */
public record Finish(FinishReason reason, Optional<String> stop) {

    static Finish of(FinishReason reason) {
        return new Finish(reason, Optional.empty());
    }
}

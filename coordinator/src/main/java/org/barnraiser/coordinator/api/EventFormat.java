package org.barnraiser.coordinator.api;

import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.api.answer.ServerEvent;

/** How one API writes one answer as a stream of events; called in the order of its methods, by one thread. */
public interface EventFormat {

    /**
     * What opens the stream.
     *
     * @param soFar the tokens of the prompt; none were generated yet
     */
    List<ServerEvent> open(Usage soFar);

    /** A choice gained something. */
    List<ServerEvent> delta(int choice, Delta delta);

    /** A choice is complete. */
    List<ServerEvent> finished(int choice, Finish finish);

    /** Every choice is complete: what ends the stream. */
    List<ServerEvent> close(Usage usage);

    /** What the stream says when nothing happens for a while; none for a comment. */
    default Optional<ServerEvent> ping() {
        return Optional.empty();
    }

    /** The stream breaks off; nothing comes after this. */
    List<ServerEvent> failed(ApiError error);
}

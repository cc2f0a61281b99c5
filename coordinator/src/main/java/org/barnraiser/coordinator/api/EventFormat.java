package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
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

    /** With what the answers were made, for those who asked; comes before {@link #close}. */
    default List<ServerEvent> receipt(ObjectNode receipt) {
        ObjectNode data = Json.object().put("type", AnswerReceipt.FIELD);
        data.set(AnswerReceipt.FIELD, receipt);
        return List.of(new ServerEvent(Optional.of(AnswerReceipt.FIELD),
                new String(Json.bytes(data), StandardCharsets.UTF_8)));
    }

    /** Every choice is complete: what ends the stream. */
    List<ServerEvent> close(Usage usage);

    /** What the stream says when nothing happens for a while; none for a comment. */
    default Optional<ServerEvent> ping() {
        return Optional.empty();
    }

    /** The stream breaks off; nothing comes after this. */
    List<ServerEvent> failed(ApiError error);
}

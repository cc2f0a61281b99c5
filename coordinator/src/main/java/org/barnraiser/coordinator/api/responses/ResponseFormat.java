package org.barnraiser.coordinator.api.responses;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.barnraiser.coordinator.api.AnswerFormat;
import org.barnraiser.coordinator.api.Delta;
import org.barnraiser.coordinator.api.EventFormat;
import org.barnraiser.coordinator.api.FinishedChoice;
import org.barnraiser.coordinator.api.Usage;
import org.barnraiser.coordinator.model.ModelDescription;

/** Writes an answer as a response, or as the events of one that grows. */
final class ResponseFormat implements AnswerFormat {
    private final ResponseEvents events;

    ResponseFormat(ObjectNode request, ModelDescription model) {
        this.events = new ResponseEvents(ResponseEnvelope.of(request, model));
    }

    /** A whole answer is one that grew in a single step. */
    @Override
    public ObjectNode whole(List<FinishedChoice> answers, Usage usage) {
        FinishedChoice answer = answers.getFirst();
        var _ = events.delta(0, new Delta(answer.parts(), answer.scored()));
        var _ = events.finished(0, answer.finish());
        var _ = events.close(usage);
        return events.response();
    }

    @Override
    public EventFormat events() {
        return events;
    }
}

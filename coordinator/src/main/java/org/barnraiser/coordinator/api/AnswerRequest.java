package org.barnraiser.coordinator.api;

import java.util.List;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.TextPart;

/**
 * A checked request for an answer.
 *
 * @param promptParam the field that holds the prompt
 * @param prompt the text to continue
 * @param settings how to continue it
 * @param format how the answer looks in JSON
 */
record AnswerRequest(String promptParam, List<TextPart> prompt, GenerationSettings settings, AnswerFormat format) {

    /** Reads one kind of request. */
    interface Reader {
        AnswerRequest read(Fields fields, ModelDescription model) throws ApiException;
    }
}

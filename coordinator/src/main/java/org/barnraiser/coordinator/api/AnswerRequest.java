package org.barnraiser.coordinator.api;

import java.util.List;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.TextPart;

/**
 * A checked request for an answer.
 *
 * @param promptParam the field that holds the prompt
 * @param prompt the text to continue
 * @param settings how to continue it
 * @param format how the answer looks in JSON
 */
record AnswerRequest(String promptParam, Prompt prompt, GenerationSettings settings, AnswerFormat format) {

    /** Text to continue. */
    interface Prompt {

        /** May block on calls to the tail. */
        List<TextPart> parts() throws ApiException, ModelUnavailableException;
    }

    /** Reads one kind of request. */
    interface Reader {
        AnswerRequest read(Fields fields, ModelDescription model) throws ApiException;
    }
}

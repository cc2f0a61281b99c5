package org.barnraiser.coordinator.api;

import java.util.List;
import java.util.function.Supplier;
import org.barnraiser.coordinator.api.answer.PartReader;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.TextPart;

/**
 * A checked request for an answer.
 *
 * @param promptParam the field that holds the prompt
 * @param prompt the text to continue
 * @param settings how to continue it
 * @param reading tells the parts of one choice apart; asked for once for each
 * @param format how the answer looks in JSON
 */
public record AnswerRequest(String promptParam, Prompt prompt, GenerationSettings settings,
        Supplier<PartReader> reading, AnswerFormat format) {

    /** Text to continue. */
    public interface Prompt {

        /** May block on calls to the tail. */
        List<TextPart> parts() throws ApiException, ModelUnavailableException;

        /** All that are to be continued, each by itself and as often; most requests have one. May block too. */
        default List<PromptSource> all() throws ApiException, ModelUnavailableException {
            return List.of(new PromptSource.Parts(parts()));
        }
    }

    /** Reads one kind of request. */
    public interface Reader {
        AnswerRequest read(Fields fields, ModelDescription model) throws ApiException;
    }
}

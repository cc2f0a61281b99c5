package org.barnraiser.coordinator.api;

import java.util.List;
import org.barnraiser.coordinator.model.TextPart;

/** Turns a conversation into the text that the model was trained to continue. */
interface PromptRenderer {

    /** Parts of the template's own text, in which control tokens count, and of readers' text, in which they do not. */
    List<TextPart> render(ChatPrompt prompt) throws ApiException;
}

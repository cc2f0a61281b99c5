package org.barnraiser.coordinator.api.dialect;

import org.barnraiser.coordinator.api.ApiException;
import org.barnraiser.coordinator.api.Fields;
import org.barnraiser.coordinator.model.ModelDescription;

/**
 * A form in which other programs ask. What they ask becomes a chat request in OpenAI's form, so that one reader checks it, one
 * loop answers it, and what a chat can, every dialect can.
 */
public interface Dialect {

    /** The chat request that asks the same. Any thread; does not block. */
    ChatTranslation translate(Fields request, ModelDescription model) throws ApiException;
}

package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** How one API writes the answer to one request. */
public interface AnswerFormat {

    /** A whole answer. */
    ObjectNode whole(List<FinishedChoice> answers, Usage usage);

    /** A stream of one, which is asked for once. */
    EventFormat events();
}

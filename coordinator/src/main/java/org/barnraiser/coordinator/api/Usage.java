package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a request used.
 *
 * @param promptTokens counted once, however many choices were generated
 * @param completionTokens of all choices together
 */
record Usage(int promptTokens, int completionTokens) {

    ObjectNode toJson() {
        return Json.object().put("prompt_tokens", promptTokens).put("completion_tokens", completionTokens)
                .put("total_tokens", promptTokens + completionTokens);
    }
}

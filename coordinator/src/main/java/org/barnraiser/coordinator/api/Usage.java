package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a request used.
 *
 * @param promptTokens counted once, however many choices were generated
 * @param cachedTokens those of the prompt that need not be computed, as the machines remembered them
 * @param completionTokens of all choices together
 * @param reasoningTokens those of them with which the model thought
 */
public record Usage(int promptTokens, int cachedTokens, int completionTokens, int reasoningTokens) {

    ObjectNode toJson() {
        ObjectNode usage = Json.object().put("prompt_tokens", promptTokens).put("completion_tokens", completionTokens)
                .put("total_tokens", promptTokens + completionTokens);
        usage.putObject("prompt_tokens_details").put("cached_tokens", cachedTokens);
        usage.putObject("completion_tokens_details").put("reasoning_tokens", reasoningTokens);
        return usage;
    }
}

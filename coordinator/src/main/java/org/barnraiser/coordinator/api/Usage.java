package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a request used.
 *
 * @param promptTokens counted once, however many choices were generated
 * @param cachedTokens those of the prompt that need not be computed, as the machines remembered them
 * @param completionTokens of all choices together
 * @param reasoningTokens those of them with which the model thought
 * @param guesses tokens that were guessed ahead to be quicker; they cost a reader nothing
 * @param rightGuesses those of them that were right, and so are among the answers' tokens
 */
public record Usage(int promptTokens, int cachedTokens, int completionTokens, int reasoningTokens, int guesses,
        int rightGuesses) {

    ObjectNode toJson() {
        ObjectNode usage = Json.object().put("prompt_tokens", promptTokens).put("completion_tokens", completionTokens)
                .put("total_tokens", promptTokens + completionTokens);
        usage.putObject("prompt_tokens_details").put("cached_tokens", cachedTokens);
        usage.putObject("completion_tokens_details").put("reasoning_tokens", reasoningTokens)
                .put("accepted_prediction_tokens", rightGuesses)
                .put("rejected_prediction_tokens", guesses - rightGuesses);
        return usage;
    }
}

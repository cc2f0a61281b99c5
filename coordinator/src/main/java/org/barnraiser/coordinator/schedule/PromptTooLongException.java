package org.barnraiser.coordinator.schedule;

/** A prompt that leaves no room for an answer in the context. */
public final class PromptTooLongException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private PromptTooLongException(int promptTokens, int contextTokens) {
        super("The prompt has " + promptTokens + " tokens, but the context holds " + contextTokens
                + " together with the answer; shorten the prompt.");
    }

    static void check(int promptTokens, int contextTokens) {
        if (promptTokens >= contextTokens) {
            throw new PromptTooLongException(promptTokens, contextTokens);
        }
    }
}

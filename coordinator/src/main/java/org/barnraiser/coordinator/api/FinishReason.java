package org.barnraiser.coordinator.api;

/** Why an answer is complete. */
public enum FinishReason {
    /** The model ended it, or a stop string came. */
    STOP("stop"),
    /** The token limit or the end of the context was reached. */
    LENGTH("length"),
    /** The model waits for what the tools say that it called. */
    TOOL_CALLS("tool_calls");

    private final String jsonName;

    FinishReason(String jsonName) {
        this.jsonName = jsonName;
    }

    /** As OpenAI writes it. */
    public String jsonName() {
        return jsonName;
    }
}

package org.barnraiser.coordinator.api;

/** Why an answer is complete. */
enum FinishReason {
    /** The model ended it, or a stop string came. */
    STOP("stop"),
    /** The token limit or the end of the context was reached. */
    LENGTH("length");

    private final String jsonName;

    FinishReason(String jsonName) {
        this.jsonName = jsonName;
    }

    /** As OpenAI writes it. */
    String jsonName() {
        return jsonName;
    }
}

package org.barnraiser.coordinator.model;

/** How a generation ended. */
public sealed interface GenerationEnd {

    /** The model sampled an end-of-generation token. */
    record EndOfGeneration() implements GenerationEnd {}

    /** {@code maxTokens} or the end of the context was reached. */
    record Length() implements GenerationEnd {}

    /** {@link Generation#cancel()} was called. */
    record Cancelled() implements GenerationEnd {}

    /**
     * Something broke.
     *
     * @param reason one sentence in plain words, without any text of the reader
     * @param retryable whether the same request may succeed later
     */
    record Failed(String reason, boolean retryable) implements GenerationEnd {}
}

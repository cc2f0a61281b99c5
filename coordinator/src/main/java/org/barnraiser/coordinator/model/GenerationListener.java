package org.barnraiser.coordinator.model;

import org.barnraiser.proto.SampledToken;

/** Hears of one generation. Called from the scheduler's own thread: must not block and must not throw. */
public interface GenerationListener {

    /** So many tokens of its prompt need not be computed, as the machines remember them. Comes at most once, before any token. */
    void onPromptReused(int tokens);

    /** So many more tokens of its prompt are on their way through the machines, 0 as they begin; comes again when they read it anew. */
    default void onReading(int tokens) {}

    /** A token was sampled. The end-of-generation token itself is not reported. */
    void onToken(SampledToken token);

    /** So many tokens were guessed ahead, and so many of those were right; may come again. */
    default void onGuessed(int guesses, int right) {}

    /**
     * The machines that computed this answer are gone for the moment; it goes on, without a token lost, when others have taken over.
     *
     * @param reason one sentence in plain words; may come again with another one
     */
    default void onPause(String reason) {}

    /** The answer goes on. */
    default void onResume() {}

    /** Nothing comes after this. */
    void onEnd(GenerationEnd end);
}

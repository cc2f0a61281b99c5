package org.barnraiser.coordinator.schedule;

import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.proto.SampledToken;

/** Hears of one sequence on one runner. Called from the runner's own thread: must not block and must not throw. */
public interface SequenceListener {

    /** It begins, and so many of its first tokens need not be computed, as the caches hold them already; may come again when it starts over. */
    default void onReused(int tokens) {}

    /** So many more tokens of its prompt are on their way through the machines; they come again when it starts over. */
    default void onRead(int tokens) {}

    /**
     * A token was sampled.
     *
     * @param mirostatMu state of the Mirostat sampler after it; 0 when there is none
     */
    void onToken(SampledToken token, float mirostatMu);

    /** So many tokens were guessed ahead, and so many of those were right. */
    default void onGuessed(int guesses, int right) {}

    /** The answer is complete, or cannot be completed anywhere. */
    void onEnd(GenerationEnd end);

    /**
     * The runner gives the sequence up, and it can go on elsewhere from the tokens heard so far.
     *
     * @param reason one sentence in plain words
     */
    void onInterrupted(String reason);
}

package org.barnraiser.coordinator.schedule;

import java.util.Arrays;
import org.barnraiser.proto.SamplingParameters;

/** One running generation: its tokens, its slot, and how many of its tokens have been put into steps. */
final class Sequence {
    private final ResumableSequence known;
    private final SequenceListener listener;
    private final int tokenLimit;
    private int[] generated = new int[16];
    private int generatedCount;
    private int plannedTokens;
    private int slot = -1;
    private float mirostatMu;
    private int life;
    private int failures;
    private boolean ended;

    /** @param tokenLimit tokens that it may generate here */
    Sequence(ResumableSequence known, int tokenLimit, SequenceListener listener) {
        this.known = known;
        this.tokenLimit = tokenLimit;
        this.listener = listener;
        mirostatMu = known.mirostatMu();
    }

    SequenceListener listener() {
        return listener;
    }

    SamplingParameters sampling() {
        return known.sampling();
    }

    int promptLength() {
        return known.generatedFromPosition();
    }

    /** Whether a part of its answer came with it. */
    boolean isResumed() {
        return known.hasBegun();
    }

    /** Prompt and generated tokens so far. */
    int length() {
        return known.tokens().length() + generatedCount;
    }

    /** KV cells that it may come to use. Its last token is never fed, so this is one more than it needs. */
    int cells() {
        return known.tokens().length() + tokenLimit;
    }

    int token(int position) {
        int knownCount = known.tokens().length();
        return position < knownCount ? known.tokens().get(position) : generated[position - knownCount];
    }

    /** A token was sampled, so the failures so far are forgiven. */
    void append(int token, float mirostatMuAfterIt) {
        if (generatedCount == generated.length) {
            generated = Arrays.copyOf(generated, 2 * generatedCount);
        }
        generated[generatedCount++] = token;
        mirostatMu = mirostatMuAfterIt;
        failures = 0;
    }

    boolean hasReachedLimit() {
        return generatedCount >= tokenLimit;
    }

    void allot(int freeSlot) {
        slot = freeSlot;
    }

    int slot() {
        return slot;
    }

    /** The position of the first token that is in no step yet. */
    int plannedTokens() {
        return plannedTokens;
    }

    /** Known tokens that are in no step yet. */
    int unplannedTokens() {
        return length() - plannedTokens;
    }

    void planned(int tokenCount) {
        plannedTokens += tokenCount;
    }

    float mirostatMu() {
        return mirostatMu;
    }

    /** A step failed it: all its tokens have to be fed again. */
    void startOver() {
        plannedTokens = 0;
        life++;
        failures++;
    }

    /** Grows whenever it starts over, so that what was sent before can be told from what was sent after. */
    int life() {
        return life;
    }

    /** How often it started over since its last token. */
    int failures() {
        return failures;
    }

    boolean hasEnded() {
        return ended;
    }

    void markEnded() {
        ended = true;
    }
}

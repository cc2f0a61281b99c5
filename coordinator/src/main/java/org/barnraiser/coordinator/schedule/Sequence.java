package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Arrays;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.proto.SamplingParameters;

/** One running generation: its tokens, its slot, and how many of its tokens have been put into steps. */
final class Sequence {
    private static final int NO_SLOT = -1;

    private final GenerationRequest request;
    private final GenerationListener listener;
    private final int tokenLimit;
    private int[] generated = new int[16];
    private int generatedCount;
    private int plannedTokens;
    private int slot = NO_SLOT;
    private float mirostatMu;
    private boolean ended;

    Sequence(GenerationRequest request, int tokenLimit, GenerationListener listener) {
        this.request = request;
        this.tokenLimit = tokenLimit;
        this.listener = listener;
    }

    GenerationListener listener() {
        return listener;
    }

    SamplingParameters sampling() {
        return request.sampling();
    }

    int promptLength() {
        return request.promptTokens().length();
    }

    /** Prompt and generated tokens so far. */
    int length() {
        return promptLength() + generatedCount;
    }

    /** KV cells that it may come to use. Its last token is never fed, so this is one more than it needs. */
    int cells() {
        return promptLength() + tokenLimit;
    }

    int token(int position) {
        return position < promptLength() ? request.promptTokens().get(position) : generated[position - promptLength()];
    }

    void append(int token) {
        if (generatedCount == generated.length) {
            generated = Arrays.copyOf(generated, 2 * generatedCount);
        }
        generated[generatedCount++] = token;
    }

    boolean hasReachedLimit() {
        return generatedCount >= tokenLimit;
    }

    void allot(int freeSlot) {
        slot = freeSlot;
    }

    boolean hasSlot() {
        return slot != NO_SLOT;
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

    void keepMirostatMu(float mu) {
        mirostatMu = mu;
    }

    float mirostatMu() {
        return mirostatMu;
    }

    boolean hasEnded() {
        return ended;
    }

    void markEnded() {
        ended = true;
    }

    ResumableSequence resumable() {
        ImmutableIntArray tokens = ImmutableIntArray.builder(length()).addAll(request.promptTokens())
                .addAll(ImmutableIntArray.copyOf(Arrays.copyOf(generated, generatedCount))).build();
        return new ResumableSequence(tokens, promptLength(), tokenLimit - generatedCount, request.sampling(),
                mirostatMu, listener);
    }
}

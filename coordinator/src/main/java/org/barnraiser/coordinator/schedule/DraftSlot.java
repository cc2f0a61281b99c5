package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.Step;

/**
 * What a draft model holds of one sequence: its first tokens, and behind them guesses of the last time. What becomes of the sequence tells
 * which of these were right.
 */
final class DraftSlot {
    private final Sequence owner;
    private final Acceptance acceptance;
    /** Tokens of the sequence that the slot holds, or will once the step on its way is computed. */
    private int read;
    /** Sampled there behind these; the slot holds all but the last. */
    private ImmutableIntArray sampled = ImmutableIntArray.of();
    private ImmutableIntArray guesses = ImmutableIntArray.of();
    /** What has to be dropped before anything else, or -1. */
    private int dropFrom = -1;
    private boolean begun;
    private boolean refused;

    DraftSlot(Sequence owner, Acceptance acceptance) {
        this.owner = owner;
        this.acceptance = acceptance;
    }

    Sequence owner() {
        return owner;
    }

    Acceptance acceptance() {
        return acceptance;
    }

    /** Whether nothing can be sampled for this sequence there. */
    boolean isRefused() {
        return refused;
    }

    /** What it has guessed last; nothing once that is settled. */
    ImmutableIntArray guesses() {
        return guesses;
    }

    /** Tokens of the sequence that it does not hold; at least one when settled, and when nothing is on its way. */
    int unread() {
        return owner.length() - read;
    }

    /**
     * Compares the guesses with what has come since.
     *
     * @param overall learns as well how they have fared
     */
    void settle(Acceptance overall) {
        if (sampled.isEmpty()) {
            return;
        }
        int right = 0;
        int known = Math.min(sampled.length(), owner.length() - read);
        while (right < known && sampled.get(right) == owner.token(read + right)) {
            right++;
        }
        int judged = Math.min(guesses.length(), right < known ? right + 1 : known);
        if (judged > 0) {
            acceptance.learn(judged, Math.min(right, judged));
            overall.learn(judged, Math.min(right, judged));
        }
        int held = read + sampled.length() - 1;
        read = Math.min(read + right, owner.length() - 1);
        if (read < held) {
            dropFrom = read;
        } else {
            read = held;
        }
        sampled = ImmutableIntArray.of();
        guesses = ImmutableIntArray.of();
    }

    /**
     * Adds the next tokens to a step; the slot must be settled.
     *
     * @param wanted guesses behind them; 0 for none
     */
    void feed(Step.Builder step, int count, int wanted) {
        if (dropFrom >= 0) {
            step.addEdits(drop(owner.slot(), dropFrom));
            dropFrom = -1;
        }
        if (!begun) {
            step.addEdits(begin());
            begun = true;
        }
        for (int position = read; position < read + count; position++) {
            step.addTokens(owner.token(position));
        }
        step.addSpans(Span.newBuilder().setSlot(owner.slot()).setStartPosition(read).setTokenCount(count)
                .setWanted(wanted == 0 ? Span.Wanted.NOTHING : Span.Wanted.DRAFT).setDraftCount(wanted));
        read += count;
    }

    /** As the answer's own, but for what only a reader sees or only the large model has. */
    private CacheEdit begin() {
        SamplingParameters sampling = owner.sampling().toBuilder().clearAdapters().setLogprobs(false).setTopLogprobs(0)
                .build();
        return CacheEdit.newBuilder().setBegin(CacheEdit.Begin.newBuilder().setSlot(owner.slot())
                .setGeneratedFromPosition(owner.promptLength()).setSampling(sampling)
                .setMirostatMu(owner.mirostatMu())).build();
    }

    /** What was sampled behind the tokens that were fed last. */
    void onAnswer(SpanResult answer, int wanted) {
        if (!answer.getFailure().isEmpty() || answer.getSampledCount() == 0 || answer.getSampledCount() > wanted) {
            refused = true;
            return;
        }
        sampled = ImmutableIntArray.copyOf(answer.getSampledList().stream().mapToInt(SampledToken::getToken));
        boolean ends = answer.getSampledList().getLast().getEndOfGeneration();
        guesses = ends ? sampled.subArray(0, sampled.length() - 1) : sampled;
    }

    static CacheEdit drop(int slot, int fromPosition) {
        return CacheEdit.newBuilder()
                .setDrop(CacheEdit.Drop.newBuilder().setSlot(slot).setFromPosition(fromPosition)).build();
    }
}

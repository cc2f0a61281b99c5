package org.barnraiser.worker.stage;

import com.google.errorprone.annotations.FormatMethod;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.HiddenStates;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepFailure.Kind;

/**
 * Refuses steps that contradict the stage's state, before native code sees them.
 *
 * <p>Whether edits are sound depends on nothing but the number of slots, so all stages judge them alike.
 */
final class StepCheck {
    private static final int MAX_EDITS = 4096;
    private static final int MAX_DRAFTS = 64;

    private final int slots;
    private final int contextTokens;
    private final int maxStepTokens;
    private final int vocabularySize;
    private final int embeddingLength;

    StepCheck(StageSettings settings, int vocabularySize, int embeddingLength) {
        this.slots = settings.slots();
        this.contextTokens = settings.contextTokens();
        this.maxStepTokens = settings.maxStepTokens();
        this.vocabularySize = vocabularySize;
        this.embeddingLength = embeddingLength;
    }

    /** All edits are checked before the first is applied. */
    void checkEdits(Step step) throws RefusedStepException {
        require(step.getEditsCount() <= MAX_EDITS, "it has %d cache edits; at most %d are allowed",
                step.getEditsCount(), MAX_EDITS);
        for (CacheEdit edit : step.getEditsList()) {
            switch (edit.getEditCase()) {
                case DROP -> {
                    checkSlot(edit.getDrop().getSlot());
                    checkRange(edit.getDrop().getFromPosition(), edit.getDrop().getToPosition());
                }
                case COPY -> {
                    checkSlot(edit.getCopy().getFromSlot());
                    checkSlot(edit.getCopy().getToSlot());
                    checkRange(0, edit.getCopy().getToPosition());
                    require(edit.getCopy().getFromSlot() != edit.getCopy().getToSlot(),
                            "it copies slot %d onto itself", edit.getCopy().getToSlot());
                }
                case BEGIN -> {
                    checkSlot(edit.getBegin().getSlot());
                    checkRange(edit.getBegin().getGeneratedFromPosition(), 0);
                }
                case EDIT_NOT_SET -> throw refused("a cache edit is empty");
            }
        }
    }

    /** Checks spans and tokens against what the cache holds after the edits. */
    void checkSpans(Step step, SlotLengths held) throws RefusedStepException {
        require(step.getTokensCount() <= maxStepTokens, "it has %d tokens; at most %d are allowed",
                step.getTokensCount(), maxStepTokens);
        require(step.getSpansCount() <= step.getTokensCount(), "it has more spans than tokens");
        SlotLengths lengths = held.copy();
        long tokens = 0;
        for (Span span : step.getSpansList()) {
            checkSpan(span, lengths);
            tokens += span.getTokenCount();
        }
        require(tokens == step.getTokensCount(), "its spans have %d tokens, but it carries %d", tokens,
                step.getTokensCount());
        for (int token : step.getTokensList()) {
            require(token >= 0 && token < vocabularySize, "token %d is not one of the %d of the vocabulary", token,
                    vocabularySize);
        }
    }

    void checkHidden(Step step) throws RefusedStepException {
        HiddenStates hidden = step.getHidden();
        require(hidden.getEncoding() != HiddenStates.Encoding.UNRECOGNIZED,
                "its hidden states have an unknown encoding");
        long expected = HiddenStateCodec.encodedBytes(hidden.getEncoding(),
                (long) step.getTokensCount() * embeddingLength);
        require(hidden.getData().size() == expected, "its hidden states have %d bytes instead of %d",
                hidden.getData().size(), expected);
    }

    private void checkSpan(Span span, SlotLengths lengths) throws RefusedStepException {
        checkSlot(span.getSlot());
        int count = span.getTokenCount();
        require(count >= 1 && count <= maxStepTokens, "a span has %d tokens", count);
        require(span.getStartPosition() == lengths.get(span.getSlot()),
                "a span starts at position %d of slot %d, which holds %d positions", span.getStartPosition(),
                span.getSlot(), lengths.get(span.getSlot()));
        require(count <= contextTokens - span.getStartPosition(),
                "a span of slot %d ends beyond the context of %d positions", span.getSlot(), contextTokens);
        require(span.getWanted() != Span.Wanted.UNRECOGNIZED, "a span wants something unknown");
        if (span.getWanted() == Span.Wanted.VERIFY) {
            require(span.getDraftCount() >= 0 && span.getDraftCount() < count,
                    "a span of %d tokens has %d drafts; at least one token must be confirmed", count,
                    span.getDraftCount());
        }
        if (span.getWanted() == Span.Wanted.DRAFT) {
            require(span.getDraftCount() >= 1 && span.getDraftCount() <= MAX_DRAFTS,
                    "a span wants %d drafts; 1 to %d are possible", span.getDraftCount(), MAX_DRAFTS);
        }
        lengths.extend(span.getSlot(), count);
    }

    private void checkSlot(int slot) throws RefusedStepException {
        require(slot >= 0 && slot < slots, "slot %d is not one of the %d slots", slot, slots);
    }

    private static void checkRange(int from, int to) throws RefusedStepException {
        require(from >= 0 && to >= 0 && (to == 0 || from <= to), "positions %d to %d are no range", from, to);
    }

    @FormatMethod
    private static void require(boolean condition, String problem, Object... values) throws RefusedStepException {
        if (!condition) {
            throw refused(problem.formatted(values));
        }
    }

    private static RefusedStepException refused(String problem) {
        return new RefusedStepException(Kind.BAD_STEP, "The step contradicts this stage's state: " + problem + ".");
    }
}

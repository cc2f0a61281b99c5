package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.StepResult;

/**
 * A step on its way, and whom its result concerns.
 *
 * @param tokensOnTheirWay its own, and those of the steps before it that were not answered when it was sent
 */
record SentStep(long number, List<SentSpan> spans, long sentNanos, int tokensOnTheirWay) {

    /**
     * One sequence's part. The slot is the one it had then; by now another sequence may own it.
     *
     * @param drafts the last tokens of the span
     */
    record SentSpan(Sequence sequence, int life, int slot, int startPosition, int tokenCount, boolean samples,
            ImmutableIntArray drafts) {

        /** Whether its sequence has ended or started over since, so that nobody waits for its answer any more. */
        boolean isOutdated() {
            return sequence.hasEnded() || sequence.life() != life;
        }

        int endPosition() {
            return startPosition + tokenCount;
        }

        int promptTokenCount() {
            return Math.max(0, Math.min(endPosition(), sequence.promptLength()) - startPosition);
        }
    }

    /**
     * The answers by slot: exactly one for each span that wanted a sample, and for others only failures.
     *
     * @throws PipelineProtocolException when the result does not answer this step
     */
    Map<Integer, SpanResult> answers(StepResult result) throws PipelineProtocolException {
        Map<Integer, SpanResult> unread = new HashMap<>();
        for (SpanResult answer : result.getSpansList()) {
            require(unread.put(answer.getSlot(), answer) == null, "answers one slot twice");
        }
        Map<Integer, SpanResult> answers = Map.copyOf(unread);
        for (SentSpan span : spans) {
            SpanResult answer = unread.remove(span.slot());
            if (answer == null) {
                require(!span.samples(), "leaves out a sequence");
            } else if (answer.getFailure().isEmpty()) {
                require(span.samples() && answer.getSampledCount() >= 1
                        && answer.getSampledCount() <= span.drafts().length() + 1,
                        "has a number of tokens that nobody asked for");
                check(span, answer);
            }
        }
        require(unread.isEmpty(), "answers for a slot that was not in the step");
        return answers;
    }

    private void check(SentSpan span, SpanResult answer) throws PipelineProtocolException {
        int first = span.endPosition() - span.drafts().length();
        for (int i = 0; i < answer.getSampledCount(); i++) {
            require(answer.getSampled(i).getPosition() == first + i, "puts a token at the wrong position");
            require(i == 0 || answer.getSampled(i - 1).getToken() == span.drafts().get(i - 1),
                    "goes on behind a draft that is wrong");
        }
    }

    /** Tells the listeners how much of their prompts is in it. */
    void tellWhatIsRead() {
        for (SentSpan span : spans) {
            if (span.promptTokenCount() > 0 && !span.isOutdated()) {
                span.sequence().listener().onRead(span.promptTokenCount());
            }
        }
    }

    /** Whether somebody waits for a token from it. */
    boolean samples() {
        return spans.stream().anyMatch(span -> span.samples() && !span.isOutdated());
    }

    /** Whether it is computed with the same adapters as this sequence. */
    boolean isFor(Sequence sequence) {
        return !spans.isEmpty() && spans.getFirst().sequence().adapters().equals(sequence.adapters());
    }

    int tokenCount() {
        return spans.stream().mapToInt(SentSpan::tokenCount).sum();
    }

    private void require(boolean condition, String contradiction) throws PipelineProtocolException {
        if (!condition) {
            throw new PipelineProtocolException("The result of step " + number + " " + contradiction + ".");
        }
    }
}

package org.barnraiser.worker.stage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.SpanResultOrBuilder;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;

/** The drafts that a step wants, token by token: which tokens are fed next, and what has come of those before. */
final class Drafts {
    private final Step step;
    /** By slot, as long as more are wanted there. */
    private final Map<Integer, SpanResult.Builder> open = new HashMap<>();

    /** @param result of the step so far, to which what is sampled is added */
    Drafts(Step step, StepResult.Builder result) {
        this.step = step;
        for (Span span : step.getSpansList()) {
            if (span.getWanted() == Span.Wanted.DRAFT) {
                result.getSpansBuilderList().stream().filter(answer -> answer.getSlot() == span.getSlot())
                        .forEach(answer -> open.put(span.getSlot(), answer));
            }
        }
    }

    /** One token for each draft that is to go on; empty when there is none. */
    Optional<Step> next() {
        var next = Step.newBuilder().setEpoch(step.getEpoch()).setNumber(step.getNumber())
                .addAllAdapters(step.getAdaptersList());
        for (Span span : step.getSpansList()) {
            SpanResult.Builder answer = open.get(span.getSlot());
            if (answer != null && goesOn(answer, span.getDraftCount())) {
                SampledToken last = answer.getSampled(answer.getSampledCount() - 1);
                next.addTokens(last.getToken()).addSpans(Span.newBuilder().setSlot(span.getSlot())
                        .setStartPosition(last.getPosition()).setTokenCount(1).setWanted(Span.Wanted.SAMPLE));
            }
        }
        return next.getSpansCount() == 0 ? Optional.empty() : Optional.of(next.build());
    }

    private static boolean goesOn(SpanResultOrBuilder answer, int wanted) {
        List<SampledToken> sampled = answer.getSampledList();
        return !sampled.isEmpty() && sampled.size() < wanted && !sampled.getLast().getEndOfGeneration();
    }

    /** What was sampled behind the tokens of {@link #next()}. */
    void add(StepResult.Builder more) {
        for (SpanResult answer : more.getSpansList()) {
            SpanResult.Builder so = open.get(answer.getSlot());
            if (so != null && answer.getFailure().isEmpty()) {
                so.addAllSampled(answer.getSampledList());
            } else {
                open.remove(answer.getSlot());
            }
        }
    }
}

package org.barnraiser.coordinator.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepFailure;
import org.barnraiser.proto.StepResult;

import static org.assertj.core.api.Assertions.assertThat;

/** The twin of a stage with a whole draft model, which holds the driver to all rules of such a stage. It guesses what {@link FakeModel} says. */
final class DraftTwin {
    private final DriverLimits limits;
    private final IntUnaryOperator opinion;
    private final List<List<Integer>> slots = new ArrayList<>();
    private final CacheEdit.Begin[] begun;
    private long lastNumber;
    private boolean failNextStep;

    /** @param opinion what it says where {@link FakeModel} says a token */
    DraftTwin(DriverLimits limits, IntUnaryOperator opinion) {
        this.limits = limits;
        this.opinion = opinion;
        begun = new CacheEdit.Begin[limits.cacheSlots()];
        Arrays.fill(begun, CacheEdit.Begin.getDefaultInstance());
        for (int slot = 0; slot < limits.cacheSlots(); slot++) {
            slots.add(new ArrayList<>());
        }
    }

    void failNextStep() {
        failNextStep = true;
    }

    int cellsInUse() {
        return slots.stream().mapToInt(List::size).sum();
    }

    StepResult compute(Step step) {
        assertThat(step.getNumber()).isEqualTo(++lastNumber);
        assertThat(step.getTokensCount()).isBetween(1, limits.maxStepTokens())
                .isEqualTo(step.getSpansList().stream().mapToInt(Span::getTokenCount).sum());
        step.getEditsList().forEach(this::apply);
        var result = StepResult.newBuilder().setEpoch(step.getEpoch()).setNumber(step.getNumber());
        int next = 0;
        for (Span span : step.getSpansList()) {
            List<Integer> slot = slots.get(span.getSlot());
            assertThat(span.getStartPosition()).as("goes on where the slot ends").isEqualTo(slot.size());
            assertThat(begun[span.getSlot()].getSampling().getSeed()).as("has begun").isNotZero();
            slot.addAll(step.getTokensList().subList(next, next + span.getTokenCount()));
            next += span.getTokenCount();
            if (span.getWanted() == Span.Wanted.DRAFT) {
                result.addSpans(draft(span, slot));
            }
            assertThat(slot.size()).isLessThanOrEqualTo(limits.contextTokens());
        }
        assertThat(cellsInUse()).isLessThanOrEqualTo(limits.cacheTokens());
        if (failNextStep) {
            failNextStep = false;
            // Nobody knows what it holds now.
            slots.forEach(slot -> slot.addAll(List.of(-1, -2, -3)));
            return result.clearSpans().setFailure(StepFailure.newBuilder().setReason("The engine failed.")).build();
        }
        return result.build();
    }

    private void apply(CacheEdit edit) {
        switch (edit.getEditCase()) {
            case DROP -> {
                List<Integer> slot = slots.get(edit.getDrop().getSlot());
                int from = edit.getDrop().getFromPosition();
                assertThat(from).isLessThanOrEqualTo(slot.size());
                slot.subList(from, slot.size()).clear();
            }
            case BEGIN -> begun[edit.getBegin().getSlot()] = edit.getBegin();
            case COPY, EDIT_NOT_SET -> throw new AssertionError("not sent to a draft model: " + edit);
        }
    }

    private SpanResult draft(Span span, List<Integer> slot) {
        CacheEdit.Begin begin = begun[span.getSlot()];
        var answer = SpanResult.newBuilder().setSlot(span.getSlot());
        for (int i = 0; i < span.getDraftCount(); i++) {
            SampledToken said = FakeModel.next(begin.getSampling(), begin.getGeneratedFromPosition(), slot, 0);
            SampledToken guess = said.toBuilder().setToken(opinion.applyAsInt(said.getToken())).build();
            answer.addSampled(guess);
            if (guess.getEndOfGeneration()) {
                break;
            }
            if (i < span.getDraftCount() - 1) {
                slot.add(guess.getToken());
            }
        }
        return answer.build();
    }
}

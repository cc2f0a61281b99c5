package org.barnraiser.coordinator.schedule;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import org.barnraiser.proto.AdapterUse;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.StageTiming;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepFailure;
import org.barnraiser.proto.StepResult;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The twin of a real pipeline: computes with {@link FakeModel} and holds the driver to every rule that stages rely on. A
 * breach is an {@code AssertionError}. Results lie here until they are taken, in order.
 *
 * <p>A stage that failed a step has a gap in its cache; like a strict real stage it then fails every later step that wants
 * to go on behind the gap, until the slot is dropped.
 */
final class InMemoryPipeline {
    private final long epoch;
    private final DriverLimits limits;
    private final List<Slot> slots = new ArrayList<>();
    private final Queue<StepResult> results = new ArrayDeque<>();
    private final List<Long> begun = new ArrayList<>();
    private final Set<Long> failed = new HashSet<>();
    private long lastNumber;
    private boolean failNextStep;
    private boolean failNextSpan;

    /** What all stages hold for one slot, and who owns it. */
    private static final class Slot {
        final List<Integer> tokens = new ArrayList<>();
        SamplingParameters sampling = SamplingParameters.getDefaultInstance();
        /** What its tokens were computed with. */
        List<AdapterUse> adapters = List.of();
        int generatedFrom;
        float mirostatMu;
        boolean hasBegun;
        boolean hasGap;
        long gapStep;
        int gapPosition;
        boolean gapIsKnown;
        boolean samples;
        long sampleStep;
        int draftsFrom = Integer.MAX_VALUE;
        int confirmed;

        void drop(int fromPosition) {
            assertThat(fromPosition).as("drops what is there").isLessThanOrEqualTo(tokens.size());
            tokens.subList(fromPosition, tokens.size()).clear();
            samples = false;
            hasBegun &= fromPosition >= draftsFrom;
            draftsFrom = Integer.MAX_VALUE;
            confirmed = Math.min(confirmed, fromPosition);
            hasGap &= gapPosition < tokens.size();
            gapIsKnown &= hasGap;
        }

        void copy(Slot other, int toPosition) {
            assertThat(toPosition).as("copies what is there").isBetween(1, other.tokens.size());
            drop(0);
            tokens.addAll(other.tokens.subList(0, toPosition));
            adapters = other.adapters;
            hasGap = other.hasGap && other.gapPosition < toPosition;
            gapStep = other.gapStep;
            gapPosition = other.gapPosition;
            gapIsKnown = hasGap && other.gapIsKnown;
            assertThat(toPosition).as("copies no draft that may be wrong").isLessThanOrEqualTo(other.confirmed);
            confirmed = toPosition;
        }
    }

    InMemoryPipeline(long epoch, DriverLimits limits) {
        this.epoch = epoch;
        this.limits = limits;
        for (int i = 0; i < limits.cacheSlots(); i++) {
            slots.add(new Slot());
        }
    }

    /** Seeds of the sequences that began, in order of the first time. */
    List<Long> begun() {
        return begun;
    }

    /** Seeds of the sequences that a failure touched. */
    Set<Long> failed() {
        return failed;
    }

    /** As if slots could not share cells, which a stage may rely on less than on this. */
    int cellsInUse() {
        return slots.stream().mapToInt(slot -> slot.tokens.size()).sum();
    }

    int stepsInFlight() {
        return results.size();
    }

    void failNextStep() {
        failNextStep = true;
    }

    void failNextSpan() {
        failNextSpan = true;
    }

    /** The oldest result that was not taken yet. */
    Optional<StepResult> takeResult() {
        Optional<StepResult> result = Optional.ofNullable(results.poll());
        result.ifPresent(taken -> slots.forEach(slot -> {
            slot.samples &= slot.sampleStep != taken.getNumber();
            slot.gapIsKnown |= slot.hasGap && slot.gapStep == taken.getNumber();
        }));
        return result;
    }

    void send(Step step) {
        assertThat(step.getEpoch()).isEqualTo(epoch);
        assertThat(step.getNumber()).as("step numbers are consecutive").isEqualTo(++lastNumber);
        assertThat(results.size()).as("steps in flight").isLessThan(limits.maxStepsInFlight());
        assertThat(step.getEditsCount() + step.getSpansCount()).as("a step does something").isPositive();
        assertThat(step.getTokensCount()).isLessThanOrEqualTo(limits.maxStepTokens())
                .isEqualTo(step.getSpansList().stream().mapToInt(Span::getTokenCount).sum());
        assertThat(step.getSpansList().stream().map(Span::getSlot)).as("one span per slot").doesNotHaveDuplicates();
        step.getEditsList().forEach(this::apply);
        results.add(compute(step));
    }

    private void apply(CacheEdit edit) {
        switch (edit.getEditCase()) {
            case DROP -> {
                assertThat(edit.getDrop().getToPosition()).isZero();
                slots.get(edit.getDrop().getSlot()).drop(edit.getDrop().getFromPosition());
            }
            case COPY -> slots.get(edit.getCopy().getToSlot())
                    .copy(slots.get(edit.getCopy().getFromSlot()), edit.getCopy().getToPosition());
            case BEGIN -> {
                Slot slot = slots.get(edit.getBegin().getSlot());
                slot.hasBegun = true;
                slot.samples = false;
                slot.generatedFrom = edit.getBegin().getGeneratedFromPosition();
                slot.sampling = edit.getBegin().getSampling();
                slot.mirostatMu = edit.getBegin().getMirostatMu();
                if (!begun.contains(slot.sampling.getSeed())) {
                    begun.add(slot.sampling.getSeed());
                }
            }
            case EDIT_NOT_SET -> throw new AssertionError("not sent by this driver: " + edit);
        }
    }

    private StepResult compute(Step step) {
        boolean gap = step.getSpansList().stream().anyMatch(span -> slots.get(span.getSlot()).hasGap);
        boolean fails = gap || (failNextStep && step.getSpansCount() > 0);
        StepResult.Builder result = StepResult.newBuilder().setEpoch(epoch).setNumber(step.getNumber())
                .addTimings(StageTiming.newBuilder().setStageIndex(0).setComputeMicros(7).setQueueMicros(1))
                .addTimings(StageTiming.newBuilder().setStageIndex(1).setComputeMicros(9));
        int next = 0;
        for (Span span : step.getSpansList()) {
            List<Integer> tokens = step.getTokensList().subList(next, next + span.getTokenCount());
            next += span.getTokenCount();
            checkAdapters(step, slots.get(span.getSlot()));
            feed(step.getNumber(), span, tokens);
            if (fails) {
                fail(step.getNumber(), slots.get(span.getSlot()), span.getStartPosition());
            } else if (span.getWanted() != Span.Wanted.NOTHING) {
                result.addSpans(sample(span));
            }
        }
        assertThat(cellsInUse()).as("cells in use").isLessThanOrEqualTo(limits.cacheTokens());
        if (fails) {
            failNextStep &= gap;
            result.setFailure(StepFailure.newBuilder().setReason(gap ? "A gap in the cache." : "The engine failed.")
                    .setKind(gap ? StepFailure.Kind.BAD_STEP : StepFailure.Kind.ENGINE));
        }
        return result.build();
    }

    private static void checkAdapters(Step step, Slot slot) {
        assertThat(step.getAdaptersList()).as("computes each with its own adapters")
                .isEqualTo(slot.sampling.getAdaptersList());
        assertThat(slot.tokens.isEmpty() || slot.adapters.equals(step.getAdaptersList()))
                .as("goes on from what was computed with the same adapters").isTrue();
        slot.adapters = step.getAdaptersList();
    }

    private void feed(long number, Span span, List<Integer> tokens) {
        Slot slot = slots.get(span.getSlot());
        assertThat(slot.hasBegun).as("a sequence has begun").isTrue();
        assertThat(slot.gapIsKnown).as("goes on behind a gap that it knows of").isFalse();
        assertThat(span.getStartPosition()).as("continues the cache").isEqualTo(slot.tokens.size());
        assertThat(tokens).isNotEmpty();
        assertThat(slot.samples).as("a sample of this sequence is in flight").isFalse();
        assertThat(slot.confirmed).as("goes on behind a draft that is wrong").isEqualTo(slot.tokens.size());
        slot.tokens.addAll(tokens);
        slot.confirmed = slot.tokens.size() - span.getDraftCount();
        slot.draftsFrom = span.getDraftCount() == 0 ? Integer.MAX_VALUE : slot.confirmed;
        assertThat(slot.tokens.size()).isLessThanOrEqualTo(limits.contextTokens());
        slot.samples = span.getWanted() != Span.Wanted.NOTHING;
        slot.sampleStep = number;
    }

    private void fail(long number, Slot slot, int position) {
        if (!slot.hasGap) {
            slot.hasGap = true;
            slot.gapPosition = position;
            slot.gapStep = number;
        }
        failed.add(slot.sampling.getSeed());
    }

    private SpanResult sample(Span span) {
        Slot slot = slots.get(span.getSlot());
        SpanResult.Builder result = SpanResult.newBuilder().setSlot(span.getSlot());
        if (failNextSpan) {
            failNextSpan = false;
            failed.add(slot.sampling.getSeed());
            return result.setFailure("The grammar allows no token.").build();
        }
        for (int known = slot.tokens.size() - span.getDraftCount(); known <= slot.tokens.size(); known++) {
            SampledToken token = FakeModel.next(slot.sampling, slot.generatedFrom, slot.tokens.subList(0, known),
                    slot.mirostatMu);
            slot.mirostatMu = FakeModel.nextMu(slot.sampling, slot.mirostatMu, token);
            result.addSampled(token);
            if (token.getEndOfGeneration() || known == slot.tokens.size()
                    || token.getToken() != slot.tokens.get(known)) {
                break;
            }
            slot.confirmed++;
        }
        return result.setMirostatMu(slot.mirostatMu).build();
    }
}

package org.barnraiser.worker.stage;

import java.util.Arrays;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.Span.Wanted;
import org.barnraiser.proto.Step;

/** Short forms for steps. */
public final class Steps {
    private Steps() {}

    public static Step.Builder step(long number) {
        return Step.newBuilder().setEpoch(1).setNumber(number);
    }

    public static CacheEdit begin(int slot, int generatedFrom, SamplingParameters.Builder sampling) {
        return CacheEdit.newBuilder().setBegin(CacheEdit.Begin.newBuilder().setSlot(slot)
                .setGeneratedFromPosition(generatedFrom).setSampling(sampling)).build();
    }

    public static CacheEdit drop(int slot, int from, int to) {
        return CacheEdit.newBuilder()
                .setDrop(CacheEdit.Drop.newBuilder().setSlot(slot).setFromPosition(from).setToPosition(to)).build();
    }

    public static CacheEdit copy(int from, int to, int toPosition) {
        return CacheEdit.newBuilder()
                .setCopy(CacheEdit.Copy.newBuilder().setFromSlot(from).setToSlot(to).setToPosition(toPosition)).build();
    }

    public static Step.Builder add(Step.Builder step, int slot, int start, Wanted wanted, int... tokens) {
        Arrays.stream(tokens).forEach(step::addTokens);
        return step.addSpans(Span.newBuilder().setSlot(slot).setStartPosition(start).setTokenCount(tokens.length)
                .setWanted(wanted));
    }

    /** A span whose tokens after the first {@code confirmed} are drafts. */
    public static Step.Builder verify(Step.Builder step, int slot, int start, int confirmed, int... tokens) {
        add(step, slot, start, Wanted.VERIFY, tokens);
        step.getSpansBuilder(step.getSpansCount() - 1).setDraftCount(tokens.length - confirmed);
        return step;
    }

    public static SamplingParameters.Builder greedy() {
        return SamplingParameters.newBuilder().setTopP(1).setTypicalP(1).setRepeatPenalty(1);
    }

    public static SamplingParameters.Builder warm(long seed) {
        return greedy().setTemperature(1).setSeed(seed);
    }
}

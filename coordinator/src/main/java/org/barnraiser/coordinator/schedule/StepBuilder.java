package org.barnraiser.coordinator.schedule;

import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.schedule.SentStep.SentSpan;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.Step;

/** Fills one step up to its token budget. */
final class StepBuilder {
    private final Step.Builder step;
    private final List<SentSpan> spans = new ArrayList<>();
    private int room;

    StepBuilder(long epoch, long number, int maxTokens) {
        step = Step.newBuilder().setEpoch(epoch).setNumber(number);
        room = maxTokens;
    }

    long number() {
        return step.getNumber();
    }

    /** Tokens that still fit. */
    int room() {
        return room;
    }

    boolean isEmpty() {
        return step.getEditsCount() == 0 && spans.isEmpty();
    }

    /** Edits come before spans, and so before the slot's next sequence begins. */
    void edit(CacheEdit edit) {
        step.addEdits(edit);
    }

    /** Whether the sequence is computed with the same adapters as those that are in the step already. */
    boolean takes(Sequence sequence) {
        return spans.isEmpty() || step.getAdaptersList().equals(sequence.adapters());
    }

    boolean hasSpans() {
        return !spans.isEmpty();
    }

    /** Adds the next tokens of a sequence, as many as there are, fit and are allowed; the last one known asks for a sample. */
    void feed(Sequence sequence, int most) {
        int start = sequence.plannedTokens();
        int count = Math.min(Math.min(room, most), sequence.unplannedTokens());
        if (!sequence.hasBegun()) {
            step.addEdits(begin(sequence));
        }
        for (int position = start; position < start + count; position++) {
            step.addTokens(sequence.token(position));
        }
        sequence.planned(count, step.getNumber());
        boolean samples = sequence.unplannedTokens() == 0;
        add(sequence, start, count, samples, ImmutableIntArray.of());
    }

    /** Adds the one token of a sequence that is in no step yet, and guesses at those that follow, which must fit. */
    void feed(Sequence sequence, ImmutableIntArray drafts) {
        if (drafts.isEmpty()) {
            feed(sequence, 1);
            return;
        }
        int start = sequence.plannedTokens();
        step.addTokens(sequence.token(start));
        drafts.forEach(step::addTokens);
        sequence.planned(1, step.getNumber());
        sequence.draft(drafts);
        add(sequence, start, 1 + drafts.length(), true, drafts);
    }

    private void add(Sequence sequence, int start, int count, boolean samples, ImmutableIntArray drafts) {
        Span.Wanted wanted = samples ? Span.Wanted.SAMPLE : Span.Wanted.NOTHING;
        step.addSpans(Span.newBuilder().setSlot(sequence.slot()).setStartPosition(start).setTokenCount(count)
                .setWanted(drafts.isEmpty() ? wanted : Span.Wanted.VERIFY).setDraftCount(drafts.length()));
        if (spans.isEmpty()) {
            step.addAllAdapters(sequence.adapters());
        }
        spans.add(new SentSpan(sequence, sequence.life(), sequence.slot(), start, count, samples, drafts));
        room -= count;
    }

    private static CacheEdit begin(Sequence sequence) {
        return CacheEdit.newBuilder()
                .setBegin(CacheEdit.Begin.newBuilder().setSlot(sequence.slot())
                        .setGeneratedFromPosition(sequence.promptLength()).setSampling(sequence.sampling())
                        .setMirostatMu(sequence.mirostatMu()))
                .build();
    }

    Step step() {
        return step.build();
    }

    /** @param tokensBefore those of the steps that are not answered yet */
    SentStep sent(long nowNanos, int tokensBefore) {
        return new SentStep(step.getNumber(), List.copyOf(spans), nowNanos, tokensBefore + step.getTokensCount());
    }
}

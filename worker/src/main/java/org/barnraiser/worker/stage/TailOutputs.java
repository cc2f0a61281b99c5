package org.barnraiser.worker.stage;

import java.lang.foreign.MemorySegment;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.Step;
import org.barnraiser.worker.llama.LlamaContext;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

/** Which of a step's tokens the tail computes to the end, and what is taken from them besides samples. */
final class TailOutputs {
    private final TailSlots slots;

    TailOutputs(TailSlots slots) {
        this.slots = slots;
    }

    /** Whether a token's hidden states have to come through the last layer. */
    boolean wantsOutput(Span span, int index) {
        int last = span.getTokenCount() - 1;
        boolean samples = span.getWanted() == Span.Wanted.SAMPLE;
        return slots.pooled(span.getSlot())
                .map(states -> states.wants(span.getStartPosition() + index, samples && index == last))
                .orElseGet(() -> switch (span.getWanted()) {
                    case SAMPLE, DRAFT -> index == last;
                    case VERIFY -> index >= last - span.getDraftCount();
                    case NOTHING, UNRECOGNIZED -> false;
                });
    }

    /** Whether any token's hidden states are to be pooled. */
    boolean isWanted(Step step) {
        for (Span span : step.getSpansList()) {
            if (slots.pooled(span.getSlot()).isPresent()) {
                for (int i = 0; i < span.getTokenCount(); i++) {
                    if (wantsOutput(span, i)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Whether logits are needed as well. */
    boolean leavesSampling(Step step) {
        return step.getSpansList().stream().anyMatch(
                span -> span.getWanted() != Span.Wanted.NOTHING && slots.pooled(span.getSlot()).isEmpty());
    }

    /** Pools what the context has computed for the step. */
    void collect(Step step, LlamaContext context) {
        boolean wanted = isWanted(step);
        MemorySegment states = wanted ? context.normedStates() : MemorySegment.NULL;
        int output = 0;
        for (Span span : step.getSpansList()) {
            var pooled = slots.pooled(span.getSlot());
            for (int i = 0; i < span.getTokenCount(); i++) {
                if (wantsOutput(span, i)) {
                    int row = output++;
                    pooled.ifPresent(pool -> pool.add(row(states, row, pool.embeddingLength())));
                }
            }
            pooled.ifPresent(pool -> pool.advance(span.getStartPosition(), span.getTokenCount()));
        }
    }

    private static MemorySegment row(MemorySegment states, int row, int length) {
        long bytes = length * JAVA_FLOAT.byteSize();
        return states.asSlice(row * bytes, bytes);
    }
}

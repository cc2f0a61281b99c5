package org.barnraiser.testing.conformance;

import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.Step;
import org.barnraiser.worker.llama.LlamaContext;
import org.barnraiser.worker.llama.LlamaException;

/** Plays steps on a llama.cpp context without any of the worker's code above it. */
final class StepReader {

    private StepReader() {}

    /** Applies a step's cache edits. */
    static void edit(LlamaContext context, Step step) throws LlamaException {
        for (CacheEdit edit : step.getEditsList()) {
            switch (edit.getEditCase()) {
                case DROP -> context.dropRange(edit.getDrop().getSlot(), edit.getDrop().getFromPosition(),
                        edit.getDrop().getToPosition());
                case COPY -> context.copyRange(edit.getCopy().getFromSlot(), edit.getCopy().getToSlot(),
                        edit.getCopy().getToPosition());
                case BEGIN -> {
                } // of no concern to the cache
                case EDIT_NOT_SET -> throw new IllegalArgumentException("Scripts do not have the edit " + edit);
            }
        }
    }

    /** Calls {@code row} for every token of the step, in order. */
    static void forEachRow(Step step, RowVisitor row) {
        int token = 0;
        for (Span span : step.getSpansList()) {
            for (int i = 0; i < span.getTokenCount(); i++) {
                boolean sampled = span.getWanted() == Span.Wanted.SAMPLE && i == span.getTokenCount() - 1;
                row.visit(step.getTokens(token++), span.getStartPosition() + i, span.getSlot(), sampled);
            }
        }
    }

    /** Takes one token of a step. */
    @FunctionalInterface
    interface RowVisitor {
        void visit(int token, int position, int slot, boolean sampled);
    }
}

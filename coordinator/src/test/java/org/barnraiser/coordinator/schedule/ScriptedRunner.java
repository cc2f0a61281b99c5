package org.barnraiser.coordinator.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.ModelUnavailableException;

/** A runner that computes with {@link FakeModel} what and when the test says. */
final class ScriptedRunner implements SequenceRunner {
    final List<Run> runs = new ArrayList<>();
    private Optional<ModelUnavailableException> refusal = Optional.empty();
    private Runnable whileRunning = () -> {};

    /** A sequence that was taken in. */
    static final class Run {
        final ResumableSequence sequence;
        final SequenceListener listener;
        boolean cancelled;
        private final List<Integer> tokens;
        private int generated;
        private float mirostatMu;

        private Run(ResumableSequence sequence, SequenceListener listener) {
            this.sequence = sequence;
            this.listener = listener;
            tokens = new ArrayList<>(sequence.tokens().asList());
            mirostatMu = sequence.mirostatMu();
        }

        /** Tells the next token, or the end. */
        Run step() {
            if (generated == sequence.remainingTokens()) {
                listener.onEnd(new GenerationEnd.Length());
                return this;
            }
            var next = FakeModel.next(sequence.sampling(), sequence.generatedFromPosition(), tokens, mirostatMu);
            mirostatMu = FakeModel.nextMu(sequence.sampling(), mirostatMu, next);
            if (next.getEndOfGeneration()) {
                listener.onEnd(new GenerationEnd.EndOfGeneration());
                return this;
            }
            tokens.add(next.getToken());
            generated++;
            listener.onToken(next, mirostatMu);
            return this;
        }
    }

    void refuse(ModelUnavailableException why) {
        refusal = Optional.of(why);
    }

    void refuseNoMore() {
        refusal = Optional.empty();
    }

    /** To be done in the middle of taking a sequence in, once. */
    void whileRunning(Runnable action) {
        whileRunning = action;
    }

    /** Refuses from now on, and then gives back what it runs. */
    void end(String reason) {
        refuse(new ModelUnavailableException(reason, 5));
        List.copyOf(runs).forEach(run -> run.listener.onInterrupted(reason));
    }

    Run last() {
        return runs.getLast();
    }

    @Override
    public int load() {
        return Math.toIntExact(runs.stream().filter(run -> !run.cancelled).count());
    }

    @Override
    public Generation run(ResumableSequence sequence, SequenceListener listener) throws ModelUnavailableException {
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        Run run = new Run(sequence, listener);
        runs.add(run);
        Runnable once = whileRunning;
        whileRunning = () -> {};
        once.run();
        return () -> run.cancelled = true;
    }
}

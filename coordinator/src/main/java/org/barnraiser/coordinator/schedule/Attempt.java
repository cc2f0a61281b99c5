package org.barnraiser.coordinator.schedule;

import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.proto.SampledToken;
import org.jspecify.annotations.Nullable;

/**
 * One runner's go at one answer. What it hears after the answer was taken away from it changes nothing. Its fields are guarded by the
 * lock of the {@link Generations}.
 */
final class Attempt implements SequenceListener {
    private final Generations generations;
    private final OngoingGeneration generation;
    private final SequenceRunner runner;
    private final ResumableSequence sequence;
    /** Goes of this runner at this answer, one after the other and without a token, before this one. */
    private final int retries;
    /** Runners that tried, one after the other and without a token, this one included. */
    private final int runnersInVain;
    private @Nullable Generation handle;
    private boolean progressed;

    private Attempt(Generations generations, OngoingGeneration generation, SequenceRunner runner, int retries,
            int runnersInVain) {
        this.generations = generations;
        this.generation = generation;
        this.runner = runner;
        this.sequence = generation.resumable();
        this.retries = retries;
        this.runnersInVain = runnersInVain;
    }

    /** Begins a go at an answer that nobody is at. */
    static Attempt begin(Generations generations, OngoingGeneration generation, SequenceRunner runner) {
        Attempt last = generation.lastFailed();
        if (last == null || last.progressed) {
            return generation.begin(new Attempt(generations, generation, runner, 0, 1));
        }
        boolean sameRunner = last.runner.equals(runner);
        return generation.begin(new Attempt(generations, generation, runner, sameRunner ? last.retries + 1 : 0,
                sameRunner ? last.runnersInVain : last.runnersInVain + 1));
    }

    OngoingGeneration generation() {
        return generation;
    }

    SequenceRunner runner() {
        return runner;
    }

    ResumableSequence sequence() {
        return sequence;
    }

    boolean isCurrent() {
        return generation.isRunBy(this);
    }

    int retries() {
        return retries;
    }

    int runnersInVain() {
        return runnersInVain;
    }

    boolean hasProgressed() {
        return progressed;
    }

    void progress() {
        progressed = true;
    }

    void keep(Generation runnersHandle) {
        handle = runnersHandle;
    }

    /** By which the runner is told to stop; none before it has taken the sequence in. */
    Generation handle() {
        return handle == null ? () -> {} : handle;
    }

    @Override
    public void onReused(int tokens) {
        generations.onRemark(this, answer -> answer.tellReused(tokens));
    }

    @Override
    public void onRead(int tokens) {
        generations.onRemark(this, answer -> answer.tellReading(tokens));
    }

    @Override
    public void onToken(SampledToken token, float mirostatMu) {
        generations.onToken(this, token, mirostatMu);
    }

    @Override
    public void onGuessed(int guesses, int right) {
        generations.onRemark(this, answer -> answer.tellGuessed(guesses, right));
    }

    @Override
    public void onEnd(GenerationEnd end) {
        generations.onEnd(this, end);
    }

    @Override
    public void onInterrupted(String reason) {
        generations.onInterrupted(this, reason);
    }
}

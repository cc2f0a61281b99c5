package org.barnraiser.coordinator.schedule;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.SampledToken;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A sequence between the thread that submitted it, and may cancel it, and the loop's thread, which runs it. It keeps the
 * listener's exceptions away from the pipeline.
 */
final class Submission implements Generation, SequenceListener {
    private static final Logger log = LoggerFactory.getLogger(Submission.class);

    private final ResumableSequence sequence;
    private final SequenceListener listener;
    private final Consumer<Runnable> loop;
    private final Runnable beforeEnd;
    private final AtomicBoolean settled = new AtomicBoolean();
    private @Nullable Generation generation;

    /**
     * @param loop runs what it is given on the loop's thread, soon
     * @param beforeEnd is run once, just before the listener hears that the sequence is over here
     */
    Submission(ResumableSequence sequence, SequenceListener listener, Consumer<Runnable> loop, Runnable beforeEnd) {
        this.sequence = sequence;
        this.listener = listener;
        this.loop = loop;
        this.beforeEnd = beforeEnd;
    }

    /** On the loop's thread: a driver that refuses now, after the submitter was told yes, gives the sequence back. */
    void start(Driver driver) {
        try {
            generation = driver.submit(sequence, this);
        } catch (ModelUnavailableException e) {
            onInterrupted(String.valueOf(e.getMessage()));
        }
    }

    /** Asks the loop once, and not at all when the sequence is over here: its mailbox is bounded. */
    @Override
    public void cancel() {
        leave(Generation::cancel);
    }

    /** Cancels it, and it is remembered for longer. */
    @Override
    public boolean setAside() {
        leave(Generation::setAside);
        return true;
    }

    private void leave(Consumer<Generation> how) {
        if (settled.compareAndSet(false, true)) {
            loop.accept(() -> now(how));
        }
    }

    private void now(Consumer<Generation> how) {
        if (generation != null) {
            how.accept(generation);
        }
    }

    @Override
    public void onReused(int tokens) {
        tell(() -> listener.onReused(tokens));
    }

    @Override
    public void onRead(int tokens) {
        tell(() -> listener.onRead(tokens));
    }

    @Override
    public void onToken(SampledToken token, float mirostatMu) {
        tell(() -> listener.onToken(token, mirostatMu));
    }

    @Override
    public void onGuessed(int guesses, int right) {
        tell(() -> listener.onGuessed(guesses, right));
    }

    /** A listener that throws would miss a token; its sequence is cancelled instead. */
    private void tell(Runnable news) {
        try {
            news.run();
        } catch (RuntimeException e) {
            logWithoutText(e);
            now(Generation::cancel);
        }
    }

    @Override
    public void onEnd(GenerationEnd end) {
        settle(() -> listener.onEnd(end));
    }

    @Override
    public void onInterrupted(String reason) {
        settle(() -> listener.onInterrupted(reason));
    }

    private void settle(Runnable lastWord) {
        settled.set(true);
        beforeEnd.run();
        try {
            lastWord.run();
        } catch (RuntimeException e) {
            logWithoutText(e);
        }
    }

    /** The message of an exception may hold a reader's text, so only its class and place are logged. */
    static void logWithoutText(RuntimeException e) {
        StackTraceElement[] trace = e.getStackTrace();
        log.error("The listener of a generation threw {} at {}", e.getClass().getName(),
                trace.length == 0 ? "an unknown place" : trace[0]);
    }
}

package org.barnraiser.coordinator.schedule;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.SampledToken;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A generation between the reader's thread, which may cancel it, and the loop's thread, which runs it. It keeps the
 * listener's exceptions away from the pipeline.
 */
final class Submission implements Generation, GenerationListener {
    private static final Logger log = LoggerFactory.getLogger(Submission.class);

    private final GenerationRequest request;
    private final GenerationListener listener;
    private final Consumer<Runnable> loop;
    private final Runnable beforeEnd;
    private final AtomicBoolean settled = new AtomicBoolean();
    private @Nullable Generation generation;

    /**
     * @param loop runs what it is given on the loop's thread, soon
     * @param beforeEnd is run once, just before the listener hears of the end
     */
    Submission(GenerationRequest request, GenerationListener listener, Consumer<Runnable> loop, Runnable beforeEnd) {
        this.request = request;
        this.listener = listener;
        this.loop = loop;
        this.beforeEnd = beforeEnd;
    }

    /** On the loop's thread: a driver that refuses now, after the reader was told yes, ends the generation. */
    void start(Driver driver) {
        try {
            generation = driver.submit(request, this);
        } catch (ModelUnavailableException e) {
            onEnd(new GenerationEnd.Failed(String.valueOf(e.getMessage()), true));
        }
    }

    /** Asks the loop once, and not at all when the generation has ended: its mailbox is bounded. */
    @Override
    public void cancel() {
        if (settled.compareAndSet(false, true)) {
            loop.accept(this::cancelNow);
        }
    }

    private void cancelNow() {
        if (generation != null) {
            generation.cancel();
        }
    }

    /** A listener that throws would miss a token; its generation is cancelled instead. */
    @Override
    public void onToken(SampledToken token) {
        try {
            listener.onToken(token);
        } catch (RuntimeException e) {
            logWithoutText(e);
            cancelNow();
        }
    }

    @Override
    public void onEnd(GenerationEnd end) {
        settled.set(true);
        beforeEnd.run();
        try {
            listener.onEnd(end);
        } catch (RuntimeException e) {
            logWithoutText(e);
        }
    }

    /** The message of an exception may hold a reader's text, so only its class and place are logged. */
    private static void logWithoutText(RuntimeException e) {
        StackTraceElement[] trace = e.getStackTrace();
        log.error("The listener of a generation threw {} at {}", e.getClass().getName(),
                trace.length == 0 ? "an unknown place" : trace[0]);
    }
}

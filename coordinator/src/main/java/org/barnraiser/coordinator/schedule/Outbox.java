package org.barnraiser.coordinator.schedule;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.barnraiser.coordinator.model.GenerationListener;
import org.jspecify.annotations.Nullable;

/**
 * What a listener is to hear, in order and one call at a time, whichever threads it comes from. Words are posted while a lock is held
 * and delivered when it is not, so a listener may call back.
 */
final class Outbox {
    private final GenerationListener listener;
    private final Runnable onThrown;
    private final Queue<Consumer<GenerationListener>> posted = new ArrayDeque<>();
    private boolean delivering;

    /** @param onThrown called when the listener threw, and so has missed something */
    Outbox(GenerationListener listener, Runnable onThrown) {
        this.listener = listener;
        this.onThrown = onThrown;
    }

    /** To be followed by {@link #deliver()}, when no lock is held any more. */
    synchronized void post(Consumer<GenerationListener> word) {
        posted.add(word);
    }

    /** Tells the listener all that was posted, unless another thread, or this one further up its stack, is about to. */
    void deliver() {
        for (Consumer<GenerationListener> word = begin(); word != null; word = next()) {
            try {
                word.accept(listener);
            } catch (RuntimeException e) {
                Submission.logWithoutText(e);
                onThrown.run();
            }
        }
    }

    private synchronized @Nullable Consumer<GenerationListener> begin() {
        return delivering ? null : next();
    }

    private synchronized @Nullable Consumer<GenerationListener> next() {
        Consumer<GenerationListener> word = posted.poll();
        delivering = word != null;
        return word;
    }
}

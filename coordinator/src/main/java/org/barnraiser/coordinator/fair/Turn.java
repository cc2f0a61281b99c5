package org.barnraiser.coordinator.fair;

import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.SampledToken;
import org.jspecify.annotations.Nullable;

/** One generation: it waits, runs, and ends. Its state is guarded by the queue's lock; nothing foreign is called under it. */
final class Turn implements Generation, GenerationListener {
    private final FairQueue queue;
    private final Line line;
    private final long number;
    private final GenerationRequest request;
    private final GenerationListener listener;
    private final boolean cameAlone;
    /** Guarded by the queue's lock, as the next ones are. */
    private State state = State.WAITING;
    private boolean cancelled;
    private @Nullable Generation running;

    private enum State {
        WAITING, RUNNING, ENDED
    }

    /** Called under the lock, before it is put in line. */
    Turn(FairQueue queue, Line line, long number, GenerationRequest request, GenerationListener listener) {
        this.queue = queue;
        this.line = line;
        this.number = number;
        this.request = request;
        this.listener = listener;
        this.cameAlone = !line.isActive();
    }

    /** Whether its account had nothing running or waiting when it came. */
    boolean cameAlone() {
        return cameAlone;
    }

    long number() {
        return number;
    }

    Line line() {
        return line;
    }

    int promptTokens() {
        return request.promptTokens().length();
    }

    /** It has a slot from now on; called under the lock. */
    void takeSlot() {
        state = State.RUNNING;
    }

    /** It has no slot any more; called under the lock. Whether it had one. */
    boolean leaveSlot() {
        boolean had = state == State.RUNNING;
        state = State.ENDED;
        return had;
    }

    /** Begins what waited. */
    void begin() throws ModelUnavailableException {
        Generation handle;
        try {
            handle = queue.starter().generate(request, this);
        } catch (ModelUnavailableException | RuntimeException refused) {
            queue.onEnd(this);
            throw refused;
        }
        boolean tooLate;
        synchronized (queue.lock()) {
            running = handle;
            tooLate = cancelled;
        }
        if (tooLate) {
            handle.cancel();
        }
    }

    /** Begins, and tells its listener when that fails. */
    void beginLater() {
        try {
            begin();
        } catch (ModelUnavailableException gone) {
            listener.onEnd(new GenerationEnd.Failed(String.valueOf(gone.getMessage()), true));
        } catch (RuntimeException broken) {
            listener.onEnd(new GenerationEnd.Failed("The model failed to begin with this answer.", false));
        }
    }

    @Override
    public void cancel() {
        Generation handle;
        boolean waited;
        synchronized (queue.lock()) {
            if (state == State.ENDED || cancelled) {
                return;
            }
            cancelled = true;
            handle = running;
            waited = state == State.WAITING;
            if (waited) {
                state = State.ENDED;
                line.waiting.remove(this);
            }
        }
        if (waited) {
            listener.onEnd(new GenerationEnd.Cancelled());
        } else if (handle != null) {
            handle.cancel();
        }
    }

    @Override
    public void onGuessed(int guesses, int right) {
        listener.onGuessed(guesses, right);
    }

    @Override
    public void onPromptReused(int tokens) {
        listener.onPromptReused(tokens);
    }

    @Override
    public void onToken(SampledToken token) {
        queue.onToken(this);
        listener.onToken(token);
    }

    @Override
    public void onPause(String reason) {
        listener.onPause(reason);
    }

    @Override
    public void onResume() {
        listener.onResume();
    }

    @Override
    public void onEnd(GenerationEnd end) {
        listener.onEnd(end);
        queue.onEnd(this);
    }
}

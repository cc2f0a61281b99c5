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
    /** Reading anew what an answer has so far takes about as long as some tokens of it. */
    private static final int TOKENS_BETWEEN = 16;

    private final FairQueue queue;
    private final Line line;
    private final long number;
    private final GenerationRequest request;
    private final GenerationListener listener;
    private final boolean cameAlone;
    /** Guarded by the queue's lock, as the next ones are. */
    private State state = State.WAITING;
    private boolean cancelled;
    private boolean expectsSlot;
    private boolean stays;
    private boolean wasAside;
    private int tokensSinceBegun;
    private boolean isRead;
    /** What its prompt counts for, until the machines begin to read it. */
    private double promised;
    private @Nullable Generation running;

    enum State {
        WAITING,
        RUNNING,
        /** It runs and is being set aside. */
        LEAVING,
        /** It was begun and waits for a slot to go on. */
        ASIDE,
        ENDED
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

    long number() {
        return number;
    }

    Line line() {
        return line;
    }

    /** Its prompt counts from now on; called under the lock. */
    void promise() {
        promised = (double) request.promptTokens().length() / line.weight;
        line.served += promised;
        line.promised += promised;
    }

    /** The machines have come to it; called under the lock. */
    void read() {
        isRead = true;
        keepPromise();
    }

    private void keepPromise() {
        line.promised -= promised;
        promised = 0;
    }

    /** Whether it need not wait for the end of another's answer: its account had nothing running or waiting when it came. */
    boolean mayTakeAnothersSlot() {
        return cameAlone && isWaiting() && !expectsSlot;
    }

    boolean isWaiting() {
        return state == State.WAITING;
    }

    /** Another is asked to give its slot up for it, or no longer. */
    void expectSlot(boolean expects) {
        expectsSlot = expects;
    }

    /**
     * Whether it runs and gets on when it is set aside now: not again before it has made up for reading its tokens anew, unless the machines have
     * not come to read them yet.
     */
    boolean canGiveWay() {
        return state == State.RUNNING && running != null && !cancelled && !stays
                && (!wasAside || !isRead || tokensSinceBegun >= TOKENS_BETWEEN);
    }

    void progress() {
        tokensSinceBegun++;
    }

    /** It has a slot from now on; called under the lock. Whether it goes on rather than begins. */
    boolean takeSlot() {
        boolean goesOn = state == State.ASIDE;
        state = State.RUNNING;
        tokensSinceBegun = 0;
        isRead = false;
        return goesOn;
    }

    /** Called under the lock, before {@link #giveWay()}. */
    void leave() {
        state = State.LEAVING;
    }

    /** Called without the lock; whether it has stopped. */
    boolean giveWay() {
        Generation handle;
        synchronized (queue.lock()) {
            handle = running;
        }
        return handle != null && handle.setAside();
    }

    /** Called under the lock, after {@link #giveWay()} with what that said; whether its slot is to be given to another. */
    boolean hasLeft(boolean stopped) {
        if (state != State.LEAVING) {
            return false;
        }
        state = stopped ? State.ASIDE : State.RUNNING;
        wasAside = true;
        stays = !stopped;
        return stopped;
    }

    /** It is over; called under the lock. What it was before. */
    State end() {
        State before = state;
        state = State.ENDED;
        line.served -= promised;
        keepPromise();
        return before;
    }

    /** Begins what waited, or goes on. */
    void begin() throws ModelUnavailableException {
        Generation begun;
        synchronized (queue.lock()) {
            begun = running;
        }
        if (begun != null) {
            begun.goOn();
            return;
        }
        Generation handle;
        try {
            handle = queue.starter().generate(cameAlone ? request.first() : request, this);
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
    public void onReading() {
        queue.onReading(this);
        listener.onReading();
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

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
    /** So often it is set aside without a token in between; reading it anew may be all that it comes to. */
    private static final int MAX_IN_VAIN = 8;

    private final FairQueue queue;
    private final Line line;
    private final long number;
    private final GenerationRequest request;
    private final GenerationListener listener;
    private boolean goesFirst;
    /** Guarded by the queue's lock, as the next ones are. */
    private State state = State.WAITING;
    private boolean cancelled;
    private boolean expectsSlot;
    private boolean stays;
    /** How often it was set aside since its last token. */
    private int timesInVain;
    /** It has a slot, and the machines have not come to it. */
    private boolean isUnread;
    /** Tokens of its prompt that the machines have not read. */
    private int promised;
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

    /** Tokens of it that stand before the machines; called under the lock. */
    int unreadTokens() {
        return isUnread ? promptTokens() : 0;
    }

    /** Its prompt counts from now on; called under the lock. */
    void promise() {
        promised = promptTokens();
        line.charge(promised);
        line.promise(promised);
    }

    /** The machines have come to it, and read so many tokens; called under the lock. */
    void read(int tokens) {
        isUnread = false;
        keepPromise(tokens);
    }

    /** The machines need not read so many tokens; called under the lock. */
    void reuse(int tokens) {
        int spared = keepPromise(tokens);
        line.charge(-spared);
    }

    /** It waits for machines rather than for its turn; called under the lock. */
    void pause() {
        isUnread &= state != State.RUNNING;
    }

    private int keepPromise(int tokens) {
        int kept = Math.min(promised, tokens);
        promised -= kept;
        line.promise(-kept);
        return kept;
    }

    /** Whether another may be asked to give its slot up for it. */
    boolean mayTakeAnothersSlot() {
        return isWaiting() && !expectsSlot;
    }

    boolean isWaiting() {
        return state == State.WAITING;
    }

    /** Another is asked to give its slot up for it, or no longer. */
    void expectSlot(boolean expects) {
        expectsSlot = expects;
    }

    /** Whether it runs and gets on when it is set aside now: for ever it is not. */
    boolean canGiveWay() {
        return state == State.RUNNING && running != null && !cancelled && !stays
                && (isUnread || timesInVain < MAX_IN_VAIN);
    }

    void progress() {
        isUnread = false;
        timesInVain = 0;
    }

    /**
     * It has a slot from now on; called under the lock.
     *
     * @param first whether its prompt goes before those of others
     * @return whether it goes on rather than begins
     */
    boolean takeSlot(boolean first) {
        boolean goesOn = state == State.ASIDE;
        state = State.RUNNING;
        goesFirst |= first;
        isUnread = true;
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
        timesInVain += stopped && !isUnread ? 1 : 0;
        stays = !stopped;
        return stopped;
    }

    /** It is over; called under the lock. What it was before. */
    State end() {
        State before = state;
        state = State.ENDED;
        reuse(promised);
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
            handle = queue.starter().generate(goesFirst ? request.first() : request, this);
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
        queue.onReused(this, tokens);
        listener.onPromptReused(tokens);
    }

    @Override
    public void onReading(int tokens) {
        queue.onReading(this, tokens);
        listener.onReading(tokens);
    }

    @Override
    public void onToken(SampledToken token) {
        queue.onToken(this);
        listener.onToken(token);
    }

    @Override
    public void onPause(String reason) {
        queue.onPause(this);
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

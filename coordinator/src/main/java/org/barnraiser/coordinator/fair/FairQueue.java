package org.barnraiser.coordinator.fair;

import com.google.common.base.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.ModelUnavailableException;

/**
 * Stands before the model and lets as many generations to it as it has slots. When all are taken, accounts take turns by a counter
 * of the tokens that each was served, divided by its weight (a virtual token counter); within an account it is first come, first
 * served. All methods may be called from any thread, and none blocks.
 */
public final class FairQueue {
    /** A token of an answer takes a step of its own; tokens of a prompt share one. */
    private static final double ANSWER_TOKEN = 2;
    private static final int RETRY_AFTER_SECONDS = 5;

    private final Object lock = new Object();
    private final FairLimits limits;
    private final Starter starter;
    private final Lines lines;
    private int running;
    private long turns;

    /** What begins a generation: {@link org.barnraiser.coordinator.model.HostedModel#generate}. */
    public interface Starter {
        Generation generate(GenerationRequest request, GenerationListener listener) throws ModelUnavailableException;
    }

    public FairQueue(FairLimits limits, Starter starter) {
        this(limits, starter, Ticker.systemTicker());
    }

    FairQueue(FairLimits limits, Starter starter, Ticker ticker) {
        this.limits = limits;
        this.starter = starter;
        this.lines = new Lines(limits, ticker);
    }

    /**
     * Begins a generation, at once or when it is its turn. The listener may be called before this returns.
     *
     * @throws ModelUnavailableException when too many wait already, or the model refuses what could begin at once
     */
    public Generation generate(Share share, GenerationRequest request, GenerationListener listener)
            throws ModelUnavailableException {
        Turn turn;
        List<Turn> next;
        synchronized (lock) {
            Line line = lines.of(share);
            if (line.waiting.size() >= limits.maxWaitingPerAccount() || lines.waiting() >= limits.maxWaiting()) {
                throw ModelUnavailableException.queueFull(
                        "Too many answers are waited for already; try again in a few seconds.", RETRY_AFTER_SECONDS);
            }
            turn = new Turn(this, line, turns++, request, listener);
            line.waiting.add(turn);
            next = takeTurns();
        }
        boolean now = next.remove(turn);
        next.forEach(Turn::beginLater);
        if (now) {
            turn.begin();
        }
        return turn;
    }

    /** Generations that wait for their turn. */
    public int waiting() {
        synchronized (lock) {
            return lines.waiting();
        }
    }

    Object lock() {
        return lock;
    }

    Starter starter() {
        return starter;
    }

    void onToken(Turn turn) {
        synchronized (lock) {
            turn.line().charge(ANSWER_TOKEN);
        }
    }

    void onEnd(Turn turn) {
        List<Turn> next;
        synchronized (lock) {
            if (!turn.leaveSlot()) {
                return;
            }
            running--;
            turn.line().running--;
            lines.touch(turn.line());
            next = takeTurns();
        }
        next.forEach(Turn::beginLater);
    }

    /** Gives out the free slots; called under the lock, and what it returns is to be begun without it. */
    private List<Turn> takeTurns() {
        List<Turn> next = new ArrayList<>();
        for (Optional<Turn> turn = lines.next(limits.slots() - running); turn
                .isPresent(); turn = lines.next(limits.slots() - running)) {
            Turn begun = turn.get();
            running++;
            begun.line().running++;
            begun.line().charge(begun.promptTokens());
            begun.takeSlot();
            next.add(begun);
        }
        return next;
    }
}

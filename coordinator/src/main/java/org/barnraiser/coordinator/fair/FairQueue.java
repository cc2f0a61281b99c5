package org.barnraiser.coordinator.fair;

import com.google.common.base.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.ModelUnavailableException;

/**
 * Stands before the model and lets as many generations to it as it has slots. When all are taken, accounts take turns by a counter
 * of the tokens that each was served, divided by its weight (a virtual token counter); within an account it is first come, first
 * served. Who asks for few answers does not wait until one of those ends who ask for many ({@link Lines}). All methods may be called
 * from any thread, and none blocks.
 */
public final class FairQueue {
    /** A token of an answer takes a step of its own; tokens of a prompt share one. */
    private static final double ANSWER_TOKEN = 2;
    private static final int RETRY_AFTER_SECONDS = 5;
    /** Each is an answer that the model still has in memory. */
    private static final int MAX_ASIDE = 48;

    private final Object lock = new Object();
    private final FairLimits limits;
    private final Starter starter;
    private final IntSupplier pipelines;
    private final Lines lines;
    private int running;
    /** Turns that gave their slots up and wait to go on. */
    private int aside;
    private long turns;

    /** What begins a generation: {@link org.barnraiser.coordinator.model.HostedModel#generate}. */
    public interface Starter {
        Generation generate(GenerationRequest request, GenerationListener listener) throws ModelUnavailableException;
    }

    /** @param pipelines how many there are now, each with as many slots; asked from any thread, and must not block */
    public FairQueue(FairLimits limits, Starter starter, IntSupplier pipelines) {
        this(limits, starter, pipelines, Ticker.systemTicker());
    }

    FairQueue(FairLimits limits, Starter starter, IntSupplier pipelines, Ticker ticker) {
        this.limits = limits;
        this.starter = starter;
        this.pipelines = pipelines;
        this.lines = new Lines(limits, pipelines, ticker);
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
        Optional<Exchange> exchange;
        synchronized (lock) {
            Line line = lines.of(share);
            // However many the others have, one question of each account finds room.
            boolean full = lines.waiting() >= limits.maxWaiting() && line.isActive();
            if (full || line.waiting.size() >= limits.maxWaitingPerAccount()) {
                throw ModelUnavailableException.queueFull(
                        "Too many answers are waited for already; try again in a few seconds.", RETRY_AFTER_SECONDS);
            }
            turn = new Turn(this, line, turns++, request, listener);
            line.waiting.add(turn);
            next = takeTurns();
            exchange = exchange();
        }
        boolean now = next.remove(turn);
        next.forEach(Turn::beginLater);
        exchange.ifPresent(this::carryOut);
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

    void onReading(Turn turn, int tokens) {
        served(() -> turn.read(tokens));
    }

    void onReused(Turn turn, int tokens) {
        served(() -> turn.reuse(tokens));
    }

    void onPause(Turn turn) {
        served(turn::pause);
    }

    void onToken(Turn turn) {
        served(() -> {
            turn.line().charge(ANSWER_TOKEN);
            turn.progress();
        });
    }

    /** @param change takes note of what an account has got, under the lock; now it may be another one's turn */
    private void served(Runnable change) {
        List<Turn> next;
        Optional<Exchange> exchange;
        synchronized (lock) {
            change.run();
            next = takeTurns();
            exchange = exchange();
        }
        next.forEach(Turn::beginLater);
        exchange.ifPresent(this::carryOut);
    }

    void onEnd(Turn turn) {
        List<Turn> next;
        synchronized (lock) {
            switch (turn.end()) {
                case RUNNING, LEAVING -> freeSlot(turn);
                case ASIDE -> {
                    aside--;
                    turn.line().waiting.remove(turn);
                }
                case WAITING, ENDED -> {
                }
            }
            next = takeTurns();
        }
        next.forEach(Turn::beginLater);
    }

    private void freeSlot(Turn turn) {
        running--;
        turn.line().running.remove(turn);
        lines.touch(turn.line());
    }

    /** Who is to give its slot up for whom, if anybody; called under the lock, and to be carried out without it. */
    private Optional<Exchange> exchange() {
        if (lines.waiting() == 0 || running < slots() || aside >= MAX_ASIDE) {
            return Optional.empty();
        }
        Optional<Exchange> exchange = lines.exchange();
        exchange.ifPresent(agreed -> {
            agreed.comer().expectSlot(true);
            agreed.leaver().leave();
        });
        return exchange;
    }

    private void carryOut(Exchange exchange) {
        Turn leaver = exchange.leaver();
        boolean left = leaver.giveWay();
        List<Turn> next;
        synchronized (lock) {
            exchange.comer().expectSlot(false);
            if (!leaver.hasLeft(left)) {
                return;
            }
            freeSlot(leaver);
            aside++;
            leaver.line().waiting.addFirst(leaver);
            if (exchange.comer().isWaiting()) {
                exchange.comer().line().waiting.remove(exchange.comer());
                next = List.of(takeSlot(exchange.comer()));
            } else {
                next = takeTurns();
            }
        }
        next.forEach(Turn::beginLater);
    }

    private int slots() {
        return limits.slots() * pipelines.getAsInt();
    }

    /** Gives out the free slots; called under the lock, and what it returns is to be begun without it. */
    private List<Turn> takeTurns() {
        List<Turn> next = new ArrayList<>();
        for (Optional<Turn> turn = lines.next(slots() - running); turn.isPresent(); turn = lines
                .next(slots() - running)) {
            next.add(takeSlot(turn.get()));
        }
        return next;
    }

    /** Called under the lock. */
    private Turn takeSlot(Turn turn) {
        running++;
        boolean first = lines.goesFirst(turn.line());
        turn.line().running.add(turn);
        if (turn.takeSlot(first)) {
            aside--;
        } else {
            turn.promise();
        }
        return turn;
    }
}

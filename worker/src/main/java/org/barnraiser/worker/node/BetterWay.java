package org.barnraiser.worker.node;

import com.google.common.collect.Comparators;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks in the background, for as long as a link lasts, whether it could take a better way, and lets it move there: soon at first, and
 * ever more seldom while there is none.
 */
final class BetterWay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BetterWay.class);
    static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration LAST = Duration.ofMinutes(5);

    private final Thread thread;

    /** What is done again and again. */
    @FunctionalInterface
    interface Move {
        /** Blocks for some seconds; says whether the link has moved. */
        boolean attempt() throws InterruptedException;
    }

    private BetterWay(Move move, Duration first) {
        thread = Thread.ofVirtual().name("better-way").start(() -> look(move, first));
    }

    /** @param first how long to wait before the first look, and after each move */
    static BetterWay look(Duration first, Move move) {
        return new BetterWay(move, first);
    }

    private static void look(Move move, Duration first) {
        Duration pause = first;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                Thread.sleep(pause);
                pause = move.attempt() ? first : Comparators.min(pause.multipliedBy(2), LAST);
            } catch (InterruptedException _) {
                return; // the link has ended
            } catch (RuntimeException e) {
                LOG.warn("A better way could not be looked for", e);
            }
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}

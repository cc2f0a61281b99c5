package org.barnraiser.coordinator.schedule;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Events for one thread, which runs them in order. Anyone may post; nobody waits for room, since there is a bound. */
final class Mailbox {
    private final BlockingQueue<Runnable> posted;
    /** Taken out of {@link #posted} and not run yet; touched by the one thread alone. */
    private final Queue<Runnable> taken = new ArrayDeque<>();
    private volatile boolean closed;

    Mailbox(int capacity) {
        posted = new LinkedBlockingQueue<>(capacity);
    }

    /** Whether the event will be run: not when the mailbox is full or closed. */
    boolean post(Runnable event) {
        if (!posted.offer(event)) {
            return false;
        }
        // It may have been closed and emptied in between; then the event is still here, and whoever removes it decides.
        return !(closed && posted.remove(event));
    }

    /** Makes the thread look around, unless an event that does so is there already. */
    void wake() {
        if (posted.isEmpty()) {
            post(() -> {});
        }
    }

    /** Waits for an event, and then runs all that are there. */
    void runAll(long maxWaitNanos) throws InterruptedException {
        Runnable first = posted.poll(maxWaitNanos, TimeUnit.NANOSECONDS);
        if (first != null) {
            taken.add(first);
            posted.drainTo(taken);
            runTaken();
        }
    }

    /** Runs what is left; what is posted from now on is not run. */
    void close() {
        closed = true;
        posted.drainTo(taken);
        runTaken();
    }

    private void runTaken() {
        for (Runnable event = taken.poll(); event != null; event = taken.poll()) {
            event.run();
        }
    }
}

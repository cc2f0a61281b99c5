package org.barnraiser.operator.reconcile;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keys that are due, each once however often it is added, and never with two threads at the same time: one that is added while it is worked
 * on is due again afterwards. Bounded by the number of keys. From any thread.
 */
final class KeyedQueue {
    private static final int MAX_KEYS = 10_000;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** When each key is due ({@link System#nanoTime()}). */
    private final Map<String, Long> due = new HashMap<>();
    private final Set<String> working = new HashSet<>();
    private final Map<String, Integer> failures = new HashMap<>();
    private boolean closed;

    /** At once. */
    void add(String key) {
        addAfter(key, Duration.ZERO);
    }

    /** Later, unless it is due sooner anyway. */
    void addAfter(String key, Duration delay) {
        long at = System.nanoTime() + delay.toNanos();
        lock.lock();
        try {
            if (due.containsKey(key) || due.size() < MAX_KEYS) {
                due.merge(key, at, (one, other) -> one - other < 0 ? one : other);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** After a pause that grows with each failure in a row. */
    Duration addAfterFailure(String key) {
        lock.lock();
        try {
            int failed = failures.merge(key, 1, Integer::sum);
            Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failed - 1, 10));
            pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
            addAfter(key, pause);
            return pause;
        } finally {
            lock.unlock();
        }
    }

    void succeeded(String key) {
        lock.lock();
        try {
            failures.remove(key);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a key, which is then the caller's until {@link #done}; empty once closed. */
    Optional<String> take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                long now = System.nanoTime();
                String next = null;
                long wait = TimeUnit.HOURS.toNanos(1);
                for (Map.Entry<String, Long> entry : due.entrySet()) {
                    if (!working.contains(entry.getKey()) && entry.getValue() - now < wait) {
                        next = entry.getKey();
                        wait = entry.getValue() - now;
                    }
                }
                if (next != null && wait <= 0) {
                    due.remove(next);
                    working.add(next);
                    return Optional.of(next);
                }
                long left = changed.awaitNanos(wait);
                assert left <= wait;
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    void done(String key) {
        lock.lock();
        try {
            working.remove(key);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return due.size() + working.size();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}

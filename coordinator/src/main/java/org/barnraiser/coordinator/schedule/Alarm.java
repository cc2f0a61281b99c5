package org.barnraiser.coordinator.schedule;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Runs short tasks later. */
interface Alarm extends AutoCloseable {

    /** Runs a task once, after the delay, on a thread of its own; never within this call. What is returned calls it off; it may be too late. */
    Runnable ring(Duration delay, Runnable task);

    /** Calls everything off. */
    @Override
    void close();

    /** An alarm with one thread. */
    static Alarm start(String threadName) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1,
                Thread.ofPlatform().name(threadName).daemon().factory());
        executor.setRemoveOnCancelPolicy(true);
        return new Alarm() {
            @Override
            public Runnable ring(Duration delay, Runnable task) {
                try {
                    Future<?> pending = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
                    return () -> pending.cancel(false);
                } catch (RejectedExecutionException _) {
                    // Closed: nothing rings any more.
                    return () -> {};
                }
            }

            @Override
            public void close() {
                executor.shutdownNow();
            }
        };
    }
}

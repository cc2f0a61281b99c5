package org.barnraiser.coordinator.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one worker process running: native code can abort a JVM, so one that ends by itself is started again, later
 * and later when it keeps ending. The child's standard input is a pipe that this process holds: when this process
 * dies in whatever way, the child reads its end and leaves too.
 */
final class WorkerProcess implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WorkerProcess.class);
    private static final Duration STEADY = Duration.ofMinutes(1);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(8);

    private final String name;
    private final List<String> command;
    private final Path logFile;
    private final BackOff backOff;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition stopRequested = lock.newCondition();
    private final Thread supervisor;
    private boolean stopping;
    private @Nullable Process process;

    WorkerProcess(String name, List<String> command, Path logFile, BackOff backOff) {
        this.name = name;
        this.command = List.copyOf(command);
        this.logFile = logFile;
        this.backOff = backOff;
        this.supervisor = Thread.ofVirtual().name("supervisor-" + name).unstarted(this::supervise);
    }

    /** How long to wait before the next start: doubling from {@code first} to {@code most}. */
    record BackOff(Duration first, Duration most) {
        static final BackOff DEFAULT = new BackOff(Duration.ofMillis(500), Duration.ofSeconds(30));

        Duration after(int failures) {
            Duration doubled = first.multipliedBy(1L << Math.min(Math.max(failures - 1, 0), 20));
            return doubled.compareTo(most) < 0 ? doubled : most;
        }
    }

    void start() {
        supervisor.start();
    }

    /** The process id of the running child, or -1 while there is none. */
    long pid() {
        lock.lock();
        try {
            return process == null || !process.isAlive() ? -1 : process.pid();
        } finally {
            lock.unlock();
        }
    }

    private void supervise() {
        int failures = 0;
        while (true) {
            long startedNanos = System.nanoTime();
            String ending = runOnce();
            if (ending == null) {
                return;
            }
            boolean wasSteady = System.nanoTime() - startedNanos > STEADY.toNanos();
            failures = wasSteady ? 1 : failures + 1;
            Duration pause = backOff.after(failures);
            log.warn("{} {}; starting it again in {} ms. Its own words are in {}", name, ending, pause.toMillis(),
                    logFile);
            if (stopRequestedWithin(pause)) {
                return;
            }
        }
    }

    /** Runs the child to its end; null when it ended because it was asked to. */
    private @Nullable String runOnce() {
        Process child;
        lock.lock();
        try {
            if (stopping) {
                return null;
            }
            child = new ProcessBuilder(command).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile.toFile())).start();
            process = child;
        } catch (IOException e) {
            return "could not be started (" + e.getMessage() + ")";
        } finally {
            lock.unlock();
        }
        int exitCode = child.onExit().join().exitValue();
        lock.lock();
        try {
            return stopping ? null : "ended with exit code " + exitCode;
        } finally {
            lock.unlock();
        }
    }

    private boolean stopRequestedWithin(Duration pause) {
        lock.lock();
        try {
            long leftNanos = pause.toNanos();
            while (!stopping && leftNanos > 0) {
                leftNanos = stopRequested.awaitNanos(leftNanos);
            }
            return stopping;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Asks the child to stop, without waiting; {@link #close()} waits. */
    void requestStop() {
        lock.lock();
        try {
            stopping = true;
            stopRequested.signalAll();
            if (process != null) {
                process.destroy();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Stops the child: politely, and after some seconds by force. */
    @Override
    public void close() {
        requestStop();
        Process child;
        lock.lock();
        try {
            child = process;
        } finally {
            lock.unlock();
        }
        try {
            if (child != null) {
                end(child);
            }
            if (supervisor.isAlive()) {
                supervisor.join(STOP_PATIENCE);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void end(Process child) throws InterruptedException {
        try {
            if (child.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            log.warn("{} did not stop within {} s and is ended by force", name, STOP_PATIENCE.toSeconds());
        } finally {
            child.destroyForcibly();
        }
        child.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }
}

package org.barnraiser.coordinator.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns what a long-running command has started, until it fails, Ctrl-C or SIGTERM comes; then closes all of it, the
 * newest first. A signal that finds everything closed in order ends the process with exit code 0.
 */
final class Lifetime implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Lifetime.class);

    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread hook = new Thread(this::onSignal, "shutdown");
    private boolean closed;

    Lifetime() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Takes ownership; when the end has come already, closes the newcomer at once. */
    synchronized <T extends AutoCloseable> T own(T resource) throws CommandException {
        if (closed) {
            closeQuietly(resource);
            throw new CommandException("stopped while starting.");
        }
        owned.push(resource);
        return resource;
    }

    /** True once the end has come; waits for it at most so long. */
    boolean await(long millis) throws InterruptedException {
        return stop.await(millis, TimeUnit.MILLISECONDS);
    }

    private void onSignal() {
        closeOwned();
        Runtime.getRuntime().halt(0);
    }

    @Override
    public void close() {
        closeOwned();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // The hook is what closes us.
        }
    }

    private synchronized void closeOwned() {
        closed = true;
        stop.countDown();
        while (!owned.isEmpty()) {
            closeQuietly(owned.pop());
        }
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            log.warn("{} did not close cleanly: {}", resource.getClass().getSimpleName(), e.toString());
        }
    }
}

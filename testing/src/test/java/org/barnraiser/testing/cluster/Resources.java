package org.barnraiser.testing.cluster;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What a test has opened, to be closed in the opposite order, each whether or not the others can be: unlike those of a program, who would
 * only note it, one that cannot be closed fails the test. Not thread-safe.
 */
final class Resources implements AutoCloseable {
    private final Deque<AutoCloseable> latestFirst = new ArrayDeque<>();

    /** Takes over the duty to close. */
    <T extends AutoCloseable> T own(T resource) {
        latestFirst.push(resource);
        return resource;
    }

    @Override
    public void close() {
        AutoCloseable latest = latestFirst.poll();
        if (latest == null) {
            return;
        }
        try {
            latest.close();
        } catch (Exception e) {
            // AutoCloseable declares Exception.
            throw new IllegalStateException(latest.getClass().getSimpleName() + " did not close", e);
        } finally {
            close();
        }
    }
}

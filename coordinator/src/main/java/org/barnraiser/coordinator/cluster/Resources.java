package org.barnraiser.coordinator.cluster;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has been opened, to be closed in the opposite order, each whether or not the others can be. Not thread-safe. */
final class Resources implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Resources.class);

    private final Deque<AutoCloseable> latestFirst = new ArrayDeque<>();

    /** Takes over the duty to close. */
    <T extends AutoCloseable> T add(T resource) {
        latestFirst.push(resource);
        return resource;
    }

    @Override
    public void close() {
        for (AutoCloseable resource = latestFirst.poll(); resource != null; resource = latestFirst.poll()) {
            try {
                resource.close();
            } catch (Exception e) {
                // AutoCloseable declares Exception; the others are still to be closed.
                LOG.warn("{} did not stop in good order.", resource.getClass().getSimpleName(), e);
            }
        }
    }
}

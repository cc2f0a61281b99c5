package org.barnraiser.coordinator.trust;

import java.util.Arrays;
import java.util.Optional;
import org.barnraiser.trust.Authority;
import org.barnraiser.trust.Revocations;
import org.barnraiser.trust.RevocationsNode;
import org.barnraiser.trust.TrustException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks twice a second whether a command has removed a member, acts on it here, and puts the list where all members see it. When
 * ZooKeeper cannot be reached it tries again.
 */
final class RemovalWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RemovalWatch.class);
    private static final long LOOK_MILLIS = 500;

    private final Authority authority;
    private final Revocations revocations;
    private final RevocationsNode node;
    private final Thread thread;
    private boolean told;

    private RemovalWatch(Authority authority, Revocations revocations, RevocationsNode node) {
        this.authority = authority;
        this.revocations = revocations;
        this.node = node;
        thread = Thread.ofVirtual().name("removals").unstarted(this::run);
    }

    static RemovalWatch start(Authority authority, Revocations revocations, RevocationsNode node) {
        var watch = new RemovalWatch(authority, revocations, node);
        watch.thread.start();
        return watch;
    }

    private void run() {
        try {
            while (true) {
                look();
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException _) {
            // Closed.
        }
    }

    private void look() throws InterruptedException {
        try {
            // Another coordinator may keep the same authority, and one that lost its data folder has forgotten whom it removed.
            byte[] known = revocations.newest();
            if (known.length > 0 && !Arrays.equals(known, authority.revocations().orElse(null))) {
                authority.learn(known);
            }
            Optional<byte[]> list = authority.revocations();
            if (list.isPresent()) {
                var _ = revocations.accept(list.get());
                node.publish(list.get());
            }
            told = false;
        } catch (InterruptedException e) {
            throw e;
        } catch (TrustException | RuntimeException e) {
            tell(e);
        } catch (Exception e) { // which is what Curator declares
            tell(e);
        }
    }

    private void tell(Exception e) {
        if (!told) {
            LOG.warn("Who was removed from the cluster cannot be told to its members now, and will be: {}",
                    e.getMessage());
            told = true;
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}

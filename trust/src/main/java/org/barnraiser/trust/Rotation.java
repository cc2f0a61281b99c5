package org.barnraiser.trust;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Replaces a member's certificate in good time, again and again, on a virtual thread of its own. */
public final class Rotation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Rotation.class);
    /** A machine may sleep through a longer wait. */
    private static final Duration MAX_WAIT = Duration.ofMinutes(10);
    private static final int ATTEMPTS = 20;
    private static final Duration MIN_WAIT = Duration.ofMillis(500);

    private final SecureLinks links;
    private final Source source;
    private final InstantSource clock;
    private final Thread thread;

    /** Where the next credentials come from. */
    public interface Source {
        /** Gets them and keeps them; blocks. */
        Credentials next() throws TrustException;
    }

    private Rotation(SecureLinks links, Source source, InstantSource clock) {
        this.links = links;
        this.source = source;
        this.clock = clock;
        thread = Thread.ofVirtual().name("certificate").unstarted(this::run);
    }

    public static Rotation start(SecureLinks links, Source source, InstantSource clock) {
        var rotation = new Rotation(links, source, clock);
        rotation.thread.start();
        return rotation;
    }

    /** A member that asks the coordinator which keeps the authority. */
    public static Rotation start(SecureLinks links, Membership membership, Path folder) {
        return start(links, () -> {
            Credentials next = Enrolling.renewed(links, membership.coordinator());
            new Membership(next, membership.coordinator(), membership.zooKeeper()).write(folder);
            return next;
        }, InstantSource.system());
    }

    private void run() {
        try {
            while (true) {
                Credentials present = links.credentials();
                Duration left = Duration.between(clock.instant(), present.renewal());
                if (left.isPositive()) {
                    Thread.sleep(shorter(left.plusMillis(1), MAX_WAIT));
                } else if (!renew()) {
                    Thread.sleep(pause(present));
                }
            }
        } catch (InterruptedException _) {
            // Closed.
        }
    }

    private boolean renew() {
        try {
            links.renew(source.next());
            return true;
        } catch (TrustException e) {
            Instant end = links.credentials().certificate().getNotAfter().toInstant();
            LOG.warn("The certificate of this machine, which is good until {}, was not renewed yet: {}", end,
                    e.getMessage());
            return false;
        }
    }

    /** Many attempts fit into the time that is left when the first is made. */
    private static Duration pause(Credentials present) {
        Duration spare = Duration.between(present.renewal(), present.certificate().getNotAfter().toInstant());
        Duration share = spare.dividedBy(ATTEMPTS);
        return shorter(share.compareTo(MIN_WAIT) < 0 ? MIN_WAIT : share, MAX_WAIT);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}

package org.barnraiser.trust.reach;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when this machine's connections may have come to nothing without a word: when it has slept, or its addresses have changed. What it
 * is told of one look and of the next belongs to one thread.
 */
final class Footing {
    private static final Logger LOG = LoggerFactory.getLogger(Footing.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    /** Who looks so much later than it meant to did not run. */
    private static final Duration SLEPT = Duration.ofSeconds(5);

    private Instant looked;
    private Set<InetAddress> addresses;

    Footing(Instant now, Set<InetAddress> addresses) {
        looked = now;
        this.addresses = Set.copyOf(addresses);
    }

    /**
     * Looks every second from now on, until the thread that is returned is interrupted.
     *
     * @param onShift called by that thread
     */
    static Thread watch(Runnable onShift) {
        return Thread.ofVirtual().name("footing").start(() -> {
            // By the time of day: other clocks stand still while a machine sleeps.
            Footing footing = new Footing(Instant.now(), addressesHere(Set.of()));
            try {
                while (true) {
                    Thread.sleep(LOOK);
                    if (footing.hasShifted(Instant.now(), addressesHere(footing.addresses))) {
                        onShift.run();
                    }
                }
            } catch (InterruptedException _) {
                // Nobody wants to know any more.
            }
        });
    }

    /** Whether that is so since the last look. */
    boolean hasShifted(Instant now, Set<InetAddress> present) {
        boolean shifted = Duration.between(looked, now).compareTo(SLEPT) > 0 || !present.equals(addresses);
        looked = now;
        addresses = Set.copyOf(present);
        return shifted;
    }

    /** Those that others may know, or the ones that were there before when nobody can say. */
    private static Set<InetAddress> addressesHere(Set<InetAddress> before) {
        try {
            return NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                    .collect(Collectors.toSet());
        } catch (SocketException e) {
            LOG.debug("The addresses of this machine are not known now: {}", e.toString());
            return before;
        }
    }
}

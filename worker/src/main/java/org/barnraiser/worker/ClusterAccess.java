package org.barnraiser.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.barnraiser.trust.Credentials;
import org.barnraiser.trust.Enrolling;
import org.barnraiser.trust.Fingerprint;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Invitation;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Member;
import org.barnraiser.trust.Membership;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.TrustException;
import org.barnraiser.trust.UnreachableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How this worker belongs to its cluster.
 *
 * @param membership with certificates; empty where links are plain
 * @param folder that the membership is kept in
 * @param zooKeeper {@code host:port[,host:port…]}
 * @param listen where the worker serves; port 0 takes any
 */
record ClusterAccess(Optional<Membership> membership, Path folder, String zooKeeper, InetSocketAddress listen) {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterAccess.class);
    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);
    private static final InetSocketAddress HERE = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);

    /**
     * What the options ask for.
     *
     * @param invitation as it was typed; one that was used by this very worker does no harm
     * @param zooKeeper as it was typed; a member knows it from its coordinator
     * @param patience how long to wait for a coordinator that cannot be asked yet
     * @param listen where to serve; a member knows by which of its addresses it reaches its coordinator, and others serve this machine
     */
    record Wish(Optional<String> invitation, Optional<String> zooKeeper, Optional<InetSocketAddress> listen,
            boolean insecure, boolean outgoingOnly, Duration patience) {}

    /**
     * Joins if that is wished and was not done before, or too long ago; blocks some seconds, and for as long as there is patience.
     *
     * @param folder where the worker's key and certificate are kept
     * @throws TrustException when the worker is not let in, or would be reached by others without being a member
     */
    static ClusterAccess of(Wish wish, WorkerIdentity identity, Path folder)
            throws TrustException, InterruptedException {
        Optional<Membership> kept = Membership.read(folder);
        if (wish.insecure()) {
            if (kept.isPresent() || wish.invitation().isPresent()) {
                throw new TrustException("--insecure is for workers without a certificate, and this one has joined a"
                        + " cluster, or is about to; leave it out.");
            }
            return plain(wish, folder);
        }
        if (wish.invitation().isPresent()) {
            kept = Optional.of(joined(wish, identity, folder, kept));
        }
        if (kept.isEmpty()) {
            if (wish.listen().orElse(HERE).getAddress().isLoopbackAddress()) {
                return plain(wish, folder);
            }
            throw new TrustException("Others would reach this worker at " + wish.listen().orElse(HERE).getHostString()
                    + ", and it has no certificate to know its cluster by. Ask for an invitation ('barn invite' on the"
                    + " coordinator's machine) and give it with --join; or say --insecure where the network itself lets"
                    + " nobody else in.");
        }
        Membership membership = kept.get();
        return new ClusterAccess(kept, folder, wish.zooKeeper().orElse(membership.zooKeeper()),
                wish.listen().orElseGet(() -> wish.outgoingOnly() ? HERE : facing(membership.coordinator())));
    }

    private static ClusterAccess plain(Wish wish, Path folder) throws TrustException {
        return new ClusterAccess(Optional.empty(), folder, wish.zooKeeper().orElseThrow(() -> new TrustException(
                "Where is the cluster? Give --zookeeper HOST:PORT, or --join with an invitation.")),
                wish.listen().orElse(HERE));
    }

    /** This machine's address on the way to the coordinator; nothing is sent to find it. */
    private static InetSocketAddress facing(String coordinator) {
        int colon = coordinator.lastIndexOf(':');
        try (var socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(coordinator.substring(0, colon).replaceAll("^\\[(.*)]$", "$1"),
                    Integer.parseInt(coordinator.substring(colon + 1))));
            return new InetSocketAddress(socket.getLocalAddress(), 0);
        } catch (IOException | UncheckedIOException | IllegalArgumentException _) {
            return HERE; // its machine is not known by name now; the way to it is retried for as long as it takes
        }
    }

    private static Membership joined(Wish wish, WorkerIdentity identity, Path folder, Optional<Membership> kept)
            throws TrustException, InterruptedException {
        Invitation invitation = Invitation.parse(wish.invitation().orElseThrow());
        if (kept.isPresent() && counts(kept.get(), invitation)) {
            return kept.get();
        }
        Membership joined = join(invitation, new Identity(Role.WORKER, identity.name()), wish.patience());
        joined.write(folder);
        return joined;
    }

    private static boolean counts(Membership kept, Invitation invitation) {
        Credentials credentials = kept.credentials();
        return Fingerprint.of(credentials.authority()).equals(invitation.fingerprint())
                && credentials.certificate().getNotAfter().toInstant().isAfter(Instant.now());
    }

    private static Membership join(Invitation invitation, Identity identity, Duration patience)
            throws TrustException, InterruptedException {
        long begin = System.nanoTime();
        while (true) {
            try {
                return Enrolling.join(invitation, identity);
            } catch (UnreachableException e) {
                if (System.nanoTime() - begin >= patience.toNanos()) {
                    throw e;
                }
                LOG.info("{} It is asked again.", e.getMessage());
                Thread.sleep(ASK_AGAIN);
            }
        }
    }

    /** The connections of this worker, and what keeps them good; to be closed when the worker ends. */
    Open open() throws TrustException {
        if (membership.isEmpty()) {
            return new Open(Links.PLAIN, Optional.empty());
        }
        Member member = Member.start(membership.get(), folder);
        return new Open(member.links(), Optional.of(member));
    }

    /** @param member while it runs; empty where links are plain */
    record Open(Links links, Optional<Member> member) implements AutoCloseable {
        @Override
        public void close() {
            member.ifPresent(Member::close);
        }
    }
}

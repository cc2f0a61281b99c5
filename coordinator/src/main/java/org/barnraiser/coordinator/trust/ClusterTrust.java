package org.barnraiser.coordinator.trust;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import io.grpc.BindableService;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.WorkerWishes;
import org.barnraiser.trust.Authority;
import org.barnraiser.trust.Credentials;
import org.barnraiser.trust.Enrolling;
import org.barnraiser.trust.Fingerprint;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Invitation;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Member;
import org.barnraiser.trust.Membership;
import org.barnraiser.trust.RevocationsNode;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.Rotation;
import org.barnraiser.trust.Seal;
import org.barnraiser.trust.SecureLinks;
import org.barnraiser.trust.StandingKey;
import org.barnraiser.trust.TrustException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a coordinator knows its cluster, in one of three ways: it keeps the cluster's authority and lets others in; it has joined a
 * cluster whose authority another keeps; or its links are plain.
 */
public final class ClusterTrust implements AutoCloseable {
    /** In the data folder. */
    static final String FOLDER = "trust";
    private static final String ADDRESS = "address";
    private static final Identity KEEPER = new Identity(Role.COORDINATOR, "coordinator");
    private static final Duration COMMAND = Duration.ofHours(1);
    private static final InstantSource CLOCK = InstantSource.system();

    private static final Logger LOG = LoggerFactory.getLogger(ClusterTrust.class);
    private static final long STATE_COUNTS_SECONDS = 2;

    private final Supplier<ClusterStatus.Trust> state = Suppliers.memoizeWithExpiration(this::readState,
            STATE_COUNTS_SECONDS, TimeUnit.SECONDS);
    private final Links links;
    private final Path folder;
    private final Optional<Authority> authority;
    private final Optional<StandingKey> standing;
    private final Duration life;
    private final Optional<String> zooKeeper;
    /** Closed in reverse order. Guarded by this. */
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /**
     * What a coordinator is given to be trusted by.
     *
     * @param invitation as it was typed
     * @param authority a file with the cluster's authority, where it is not to be made here
     * @param standingKey a file with the key of {@linkplain StandingKey standing invitations}
     * @param life of the certificates that are signed here
     */
    public record Given(Optional<String> invitation, Optional<Path> authority, Optional<Path> standingKey,
            Duration life) {}

    private ClusterTrust(Links links, Path folder, Optional<Authority> authority, Optional<StandingKey> standing,
            Duration life, Optional<String> zooKeeper) {
        this.standing = standing;
        this.zooKeeper = zooKeeper;
        this.links = links;
        this.folder = folder;
        this.authority = authority;
        this.life = life;
    }

    /** No certificates are shown or asked for. */
    public static ClusterTrust plain() {
        return new ClusterTrust(Links.PLAIN, Path.of(""), Optional.empty(), Optional.empty(), Duration.ZERO,
                Optional.empty());
    }

    /**
     * What a coordinator on this data folder uses: what it has, else what the invitation gives, else an authority that is made now.
     *
     * @param invitation as it was typed
     * @param life of the certificates that are signed here
     */
    public static ClusterTrust in(Path data, Optional<String> invitation, Duration life) throws TrustException {
        return in(data, new Given(invitation, Optional.empty(), Optional.empty(), life));
    }

    /** The same. */
    public static ClusterTrust in(Path data, Given given) throws TrustException {
        Optional<String> invitation = given.invitation();
        Path folder = folder(data);
        Optional<Membership> membership = Membership.read(folder);
        if (membership.isEmpty() && invitation.isPresent()) {
            if (Authority.open(folder, CLOCK).isPresent()) {
                throw new TrustException("This coordinator keeps the authority of a cluster of its own in " + folder
                        + ", so it cannot join another; use another data folder, or move that one away.");
            }
            Membership joined = Enrolling.join(Invitation.parse(invitation.get()),
                    new Identity(Role.COORDINATOR, "coordinator-" + Invitation.newSecret().substring(0, 8)
                            .replace('_', '.')));
            joined.write(folder);
            membership = Optional.of(joined);
        }
        if (membership.isPresent() && given.authority().isPresent()) {
            throw new TrustException("This coordinator has joined the cluster of another authority than "
                    + given.authority().get() + "; use another data folder, or leave that file out.");
        }
        return membership.isPresent() ? joined(membership.get(), folder) : keeping(folder, given);
    }

    private static ClusterTrust joined(Membership membership, Path folder) throws TrustException {
        Member member = Member.start(membership, folder);
        var trust = new ClusterTrust(member.links(), folder, Optional.empty(), Optional.empty(), Duration.ZERO,
                Optional.of(membership.zooKeeper()));
        trust.own(member);
        return trust;
    }

    private static ClusterTrust keeping(Path folder, Given given) throws TrustException {
        Duration life = given.life();
        if (given.authority().isPresent()) {
            Authority.adopt(folder, given.authority().get());
        }
        Optional<StandingKey> standing = given.standingKey().isPresent()
                ? Optional.of(StandingKey.read(given.standingKey().get()))
                : Optional.empty();
        Authority authority = Authority.openOrCreate(folder, CLOCK);
        SecureLinks links = new SecureLinks(authority.credentials(KEEPER, life)).keepIn(folder);
        var trust = new ClusterTrust(links, folder, Optional.of(authority), standing, life, Optional.empty());
        Optional<byte[]> removed = authority.revocations();
        if (removed.isPresent()) {
            var _ = links.revocations().accept(removed.get());
        }
        trust.own(Rotation.start(links, () -> authority.credentials(KEEPER, life), CLOCK));
        return trust;
    }

    /** Whether this data folder's coordinator shows certificates, as it does from the first invitation on. */
    public static boolean isIn(Path data) throws TrustException {
        Path folder = folder(data);
        return Authority.open(folder, CLOCK).isPresent() || Membership.read(folder).isPresent();
    }

    /** The connections of a command that works beside a coordinator, on its data folder. */
    public static Links ofCommand(Path data) throws TrustException {
        Path folder = folder(data);
        Optional<Authority> kept = Authority.open(folder, CLOCK);
        if (kept.isPresent()) {
            Credentials credentials = kept.get().credentials(new Identity(Role.COORDINATOR, "command"), COMMAND);
            return new SecureLinks(credentials).keepIn(folder);
        }
        Optional<Membership> membership = Membership.read(folder);
        return membership.isPresent()
                ? membership.get().links(folder)
                : Links.PLAIN;
    }

    /** Where authority, invitations and memberships lie. */
    public static Path folder(Path data) {
        return data.resolve(FOLDER);
    }

    /** Where the coordinator on this data folder listened last; empty when it never did with certificates. */
    public static Optional<String> address(Path data) {
        try {
            return Optional.of(Files.readString(folder(data).resolve(ADDRESS)).strip());
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    public Links links() {
        return links;
    }

    /** Where the cluster's ZooKeeper is, as this coordinator was told when it joined; empty when it is for itself to know. */
    public Optional<String> zooKeeper() {
        return zooKeeper;
    }

    /** By which people compare clusters; empty where links are plain. */
    public Optional<String> fingerprint() {
        return links instanceof SecureLinks secure
                ? Optional.of(Fingerprint.of(secure.credentials().authority()))
                : Optional.empty();
    }

    /** When this coordinator's own certificate ends; empty where links are plain. */
    public Optional<Instant> certificateEnd() {
        return links instanceof SecureLinks secure
                ? Optional.of(secure.credentials().certificate().getNotAfter().toInstant())
                : Optional.empty();
    }

    /** The same of another member, as far as it was seen here. */
    public Optional<Instant> certificateEnd(Identity member) {
        return links instanceof SecureLinks secure ? secure.certificateEnd(member) : Optional.empty();
    }

    /** The cluster's fingerprint for everybody to see, with how certificates stand where that is known. Reads a file now and then. */
    public ClusterStatus.Trust state() {
        return Objects.requireNonNull(state.get());
    }

    private ClusterStatus.Trust readState() {
        return fingerprint().map(print -> new ClusterStatus.Trust(print, certificates()))
                .orElse(ClusterStatus.Trust.NONE);
    }

    private List<ClusterStatus.Certificate> certificates() {
        try {
            return authority.isEmpty()
                    ? List.of()
                    : authority.get().members().stream()
                            .map(member -> new ClusterStatus.Certificate(member.identity().id(),
                                    member.identity().role().word(), member.end().toString(), member.removed()))
                            .toList();
        } catch (TrustException unreadable) {
            LOG.warn("How certificates stand is not known: {}", unreadable.getMessage());
            return List.of();
        }
    }

    /** This coordinator's seal under some content; empty where links are plain. */
    public Optional<Seal> seal(String purpose, byte[] content) {
        return links instanceof SecureLinks secure
                ? Optional.of(Seal.of(secure.credentials(), purpose, content))
                : Optional.empty();
    }

    /** The coordinator's server, still to be built. Where the authority is kept, those who have an invitation may knock as well. */
    public NettyServerBuilder server(InetSocketAddress listen) {
        return authority.isPresent() && links instanceof SecureLinks secure
                ? secure.atDoor(listen, new CoordinatorAdmission())
                : links.at(listen, new CoordinatorAdmission());
    }

    /** To be served where the authority is kept; {@code zooKeeper} is what members are told. */
    public Optional<BindableService> enrolment(String zooKeeper) {
        return authority.map(kept -> new EnrolmentService(kept, new Invitations(folder, CLOCK), standing,
                certificate -> {
                    if (links instanceof SecureLinks secure) {
                        secure.saw(certificate);
                    }
                }, zooKeeper, life));
    }

    /** Takes back the certificates of a worker that were signed here; all members hear of it. Blocks on a file. */
    public WorkerWishes.Outcome remove(String worker) {
        try {
            return authority.isPresent() && authority.get().revoke(worker)
                    ? new WorkerWishes.Outcome.Told()
                    : new WorkerWishes.Outcome.Unknown();
        } catch (TrustException e) {
            return new WorkerWishes.Outcome.NotTold(String.valueOf(e.getMessage()));
        }
    }

    /** Remembers where invitations are to lead. */
    public void listensAt(String address) throws TrustException {
        if (authority.isPresent()) {
            try {
                Files.writeString(folder.resolve(ADDRESS), address);
            } catch (IOException e) {
                throw new TrustException(folder.resolve(ADDRESS) + " cannot be written: " + e.getMessage() + ".", e);
            }
        }
    }

    /** From now on it is known here who was removed, and told to all where the authority is kept. */
    public void watch(CuratorFramework client) {
        if (links instanceof SecureLinks secure) {
            RevocationsNode node = RevocationsNode.watch(client, secure.revocations());
            own(node);
            authority.ifPresent(kept -> own(RemovalWatch.start(kept, secure.revocations(), node)));
        }
    }

    private synchronized void own(AutoCloseable resource) {
        open.push(resource);
    }

    @Override
    public synchronized void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException("What watches over certificates does not end", e);
            }
        }
    }
}

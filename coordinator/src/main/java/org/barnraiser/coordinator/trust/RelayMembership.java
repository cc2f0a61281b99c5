package org.barnraiser.coordinator.trust;

import java.nio.file.Path;
import java.util.Optional;
import org.barnraiser.trust.Enrolling;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Invitation;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Member;
import org.barnraiser.trust.Membership;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.TrustException;

/**
 * How a relay belongs to its cluster, while it runs.
 *
 * @param zooKeeper as the coordinator said; empty where links are plain
 */
public record RelayMembership(Links links, Optional<String> zooKeeper, Optional<Member> member)
        implements
            AutoCloseable {
    private static final String FOLDER = "relay";

    /** Nobody shows certificates. */
    public static RelayMembership none() {
        return new RelayMembership(Links.PLAIN, Optional.empty(), Optional.empty());
    }

    /**
     * What was kept in the data folder, else what the invitation gives; blocks some seconds at most.
     *
     * @throws TrustException when the relay is not let in, or has no invitation
     */
    public static RelayMembership in(Path data, Optional<String> invitation, Optional<String> name)
            throws TrustException {
        Path folder = data.resolve(FOLDER);
        Optional<Membership> kept = Membership.read(folder);
        if (kept.isEmpty()) {
            Membership joined = Enrolling.join(
                    Invitation.parse(invitation.orElseThrow(() -> new TrustException("This relay has no certificate to"
                            + " know its cluster by. Ask for an invitation ('barn invite --role relay' on the"
                            + " coordinator's machine) and give it with --join; or say --insecure in a cluster"
                            + " without certificates."))),
                    new Identity(Role.RELAY, name.orElseGet(() -> "relay-" + Invitation.newSecret().substring(0, 8)
                            .replace('_', '.'))));
            joined.write(folder);
            kept = Optional.of(joined);
        }
        Member member = Member.start(kept.get(), folder);
        return new RelayMembership(member.links(), Optional.of(kept.get().zooKeeper()), Optional.of(member));
    }

    @Override
    public void close() {
        member.ifPresent(Member::close);
    }
}

package org.barnraiser.coordinator.cli;

import com.google.common.net.HostAndPort;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.barnraiser.coordinator.trust.ClusterTrust;
import org.barnraiser.trust.TrustException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a coordinator and the machines of its cluster know each other. */
final class TrustOptions {
    @Option(names = "--join", paramLabel = "INVITATION", description = "Join the cluster whose first coordinator has printed this with"
            + " 'barn invite --role coordinator'; needed once.")
    private @Nullable String invitation;

    @Option(names = "--insecure", description = "Listen to other machines without certificates, where the network itself lets nobody"
            + " else in.")
    private boolean insecure;

    @Option(names = "--authority", paramLabel = "FILE", description = "The cluster's authority, where it is kept elsewhere than in the"
            + " data folder (PEM; Kubernetes: a Secret).")
    private @Nullable Path authority;

    @Option(names = "--standing-key", paramLabel = "FILE", description = "A key by which workers are let in, each by its name, as often"
            + " as they come (Kubernetes: a Secret).")
    private @Nullable Path standingKey;

    @Option(names = "--certificate-life", paramLabel = "TIME", defaultValue = "90d", description = "How long the certificates of members"
            + " are good; they are renewed when a third of it is left (default: ${DEFAULT-VALUE}).")
    private String life = "90d";

    /** Filled in by picocli. */
    TrustOptions() {}

    /**
     * Certificates as soon as others reach this coordinator, or once there are any.
     *
     * @param listen where workers fetch weights
     */
    ClusterTrust trust(Path data, HostAndPort listen) throws CommandException {
        try {
            if (insecure) {
                if (invitation != null || authority != null) {
                    throw new CommandException("--insecure contradicts --join and --authority; leave one out.");
                }
                return ClusterTrust.plain();
            }
            if (invitation == null && authority == null && isLoopback(listen.getHost()) && !ClusterTrust.isIn(data)) {
                return ClusterTrust.plain();
            }
            return ClusterTrust.in(data, new ClusterTrust.Given(Optional.ofNullable(invitation),
                    Optional.ofNullable(authority), Optional.ofNullable(standingKey), life()));
        } catch (TrustException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Said when it must be known; empty else. */
    Optional<String> words(ClusterTrust trust, HostAndPort listen) {
        if (trust.links().areSecure()) {
            return trust.fingerprint()
                    .map(fingerprint -> "… Machines of this cluster show certificates; its fingerprint is "
                            + fingerprint + ".");
        }
        return isLoopback(listen.getHost())
                ? Optional.empty()
                : Optional.of("… Nothing is encrypted between the machines (--insecure): whoever reaches " + listen
                        + " can read the model, and what the machines compute.");
    }

    private Duration life() throws CommandException {
        return Validity.parse("--certificate-life", life);
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException _) {
            return false;
        }
    }
}

package org.barnraiser.coordinator.cli;

import com.google.common.net.HostAndPort;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.curator.retry.RetryNTimes;
import org.barnraiser.coordinator.trust.RelayMembership;
import org.barnraiser.trust.TrustException;
import org.barnraiser.trust.ZooKeeperAccess;
import org.barnraiser.trust.reach.RelayNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code barn relay}: lets machines meet that nobody can dial, and sees nothing of what they say. */
@Command(name = "relay", mixinStandardHelpOptions = true, description = "Carries sealed connections between machines that nobody can dial.")
final class RelayCommand implements Callable<Integer> {
    private static final int SESSION_TIMEOUT_MILLIS = 6_000;
    private static final int CONNECTION_TIMEOUT_MILLIS = 10_000;
    private static final int RETRIES = 3;
    private static final int RETRY_MILLIS = 1_000;
    private static final long FOREVER = Long.MAX_VALUE;

    @Spec
    private CommandSpec spec;

    @Option(names = "--join", paramLabel = "INVITATION", description = "Join the cluster that 'barn invite --role relay' has printed this"
            + " for; needed once.")
    private @Nullable String invitation;

    @Option(names = "--insecure", description = "Carry connections of a cluster without certificates: whoever reaches this relay can"
            + " read along and call its machines.")
    private boolean insecure;

    @Option(names = "--zookeeper", paramLabel = "H:P[,H:P…]", description = "The cluster's ZooKeeper (default: what the coordinator said"
            + " when this relay joined).")
    private @Nullable String zooKeeper;

    @Option(names = "--listen", required = true, paramLabel = "H:P", description = "Where machines come to; an address that all of them"
            + " reach, unless --advertise says another.")
    private String listen;

    @Option(names = "--advertise", paramLabel = "H:P", description = "How machines reach this relay, if not by the listening address.")
    private @Nullable String advertise;

    @Option(names = "--name", paramLabel = "NAME", description = "This relay's name among the members (default: made up when it joins).")
    private @Nullable String name;

    @Option(names = "--data", paramLabel = "DIR", description = "Where its certificate is kept (default: $BARN_DATA, else ~/.barnraiser).")
    private @Nullable Path data;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    RelayCommand() {}

    @Override
    public Integer call() throws CommandException, IOException, TrustException, InterruptedException {
        HostAndPort address = address("--listen", listen);
        Optional<String> advertised = advertise == null
                ? Optional.empty()
                : Optional.of(address("--advertise", advertise).toString());
        Path folder = DataDirectory.pathOf(data);
        if (insecure && invitation != null) {
            throw new CommandException("--join and --insecure contradict each other; leave one out.");
        }
        try (Lifetime lifetime = new Lifetime()) {
            RelayMembership membership = lifetime.own(insecure
                    ? RelayMembership.none()
                    : RelayMembership.in(folder, Optional.ofNullable(invitation), Optional.ofNullable(name)));
            String ensemble = Optional.ofNullable(zooKeeper).or(membership::zooKeeper)
                    .orElseThrow(() -> new CommandException("where is the cluster? Give --zookeeper HOST:PORT."));
            var client = ZooKeeperAccess.parse(ensemble).client(membership.links())
                    .sessionTimeoutMs(SESSION_TIMEOUT_MILLIS).connectionTimeoutMs(CONNECTION_TIMEOUT_MILLIS)
                    .retryPolicy(new RetryNTimes(RETRIES, RETRY_MILLIS)).build();
            RelayNode node = lifetime.own(RelayNode.start(
                    new InetSocketAddress(address.getHost(), address.getPort()), advertised, membership.links(),
                    client));
            PrintWriter out = spec.commandLine().getOut();
            out.println("The relay listens at " + address.getHost() + ":" + node.port() + ".");
            out.flush();
            while (!lifetime.await(FOREVER)) {
                // Until it is stopped.
            }
        }
        return 0;
    }

    private static HostAndPort address(String option, String text) throws CommandException {
        try {
            HostAndPort address = HostAndPort.fromString(text);
            if (address.hasPort() && !address.getHost().isEmpty()) {
                return address;
            }
        } catch (IllegalArgumentException _) {
            // The sentence below says it.
        }
        throw new CommandException("a bad option: " + option + " " + text + " is no address; host:port is wanted.");
    }
}

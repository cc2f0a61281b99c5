package org.barnraiser.coordinator.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.barnraiser.coordinator.trust.ClusterTrust;
import org.barnraiser.coordinator.trust.Invitations;
import org.barnraiser.trust.Authority;
import org.barnraiser.trust.Fingerprint;
import org.barnraiser.trust.Invitation;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.TrustException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code barn invite}: prints the command that lets one machine join, alone on standard output. It works on the data folder of the first
 * coordinator: whoever may read it is the host.
 */
@Command(name = "invite", mixinStandardHelpOptions = true, description = "Prints the command with which one more machine joins.")
final class InviteCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--role", paramLabel = "ROLE", defaultValue = "worker", description = "worker, relay or coordinator (default: ${DEFAULT-VALUE}).")
    private Role role = Role.WORKER;

    @Option(names = "--expires", paramLabel = "TIME", defaultValue = "24h", description = "How long the invitation counts, such as 30m, 24h"
            + " or 7d (default: ${DEFAULT-VALUE}).")
    private String expires = "24h";

    @Option(names = "--address", paramLabel = "H:P", description = "Where the coordinator listens to workers (default: where it listened"
            + " last).")
    private @Nullable String address;

    @Option(names = "--data", paramLabel = "DIR", description = "Data folder of the first coordinator (default: $BARN_DATA, else"
            + " ~/.barnraiser).")
    private @Nullable Path data;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    InviteCommand() {}

    @Override
    public Integer call() throws CommandException, TrustException {
        Path folder = DataDirectory.pathOf(data);
        String leadsTo = Optional.ofNullable(address).or(() -> ClusterTrust.address(folder))
                .orElseThrow(() -> new CommandException("no coordinator has listened for machines with the data folder "
                        + folder + " yet. Start it first ('barn coordinator --listen HOST:PORT …'), or say with"
                        + " --address HOST:PORT where it is going to listen."));
        InstantSource clock = InstantSource.system();
        var validity = Validity.parse("--expires", expires);
        Path trust = ClusterTrust.folder(folder);
        String fingerprint = Fingerprint.of(Authority.openOrCreate(trust, clock).certificate());
        String token = new Invitation(leadsTo, fingerprint, new Invitations(trust, clock).create(role, validity))
                .token();
        Invitation.parse(token); // so that a bad --address is found here
        PrintWriter out = spec.commandLine().getOut();
        String more = switch (role) {
            case COORDINATOR -> " --zookeeper HOST:PORT --model MODEL --listen HOST:PORT";
            case RELAY -> " --listen HOST:PORT";
            case WORKER -> "";
        };
        out.println("./barn " + role.word() + " --join " + token + more);
        out.flush();
        PrintWriter err = spec.commandLine().getErr();
        if (role == Role.WORKER) {
            err.println("Or, to have it start by itself with its machine: ./barn join " + leadsTo + " " + token);
        }
        err.println(String.format(Locale.ROOT, "This lets one machine in, once, within %s. Give it to nobody else."
                + " The cluster's fingerprint is %s.", expires, fingerprint));
        err.flush();
        return 0;
    }
}

package org.barnraiser.coordinator.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.barnraiser.coordinator.trust.ClusterTrust;
import org.barnraiser.trust.Authority;
import org.barnraiser.trust.TrustException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code barn remove}: a member's certificates do not count any more. It works on the data folder of the first coordinator. */
@Command(name = "remove", mixinStandardHelpOptions = true, description = "Removes a machine from the cluster at once.")
final class RemoveCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "WORKER", description = "Its name, as 'barn status' shows it.")
    private String name;

    @Option(names = "--data", paramLabel = "DIR", description = "Data folder of the first coordinator (default: $BARN_DATA, else"
            + " ~/.barnraiser).")
    private @Nullable Path data;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    RemoveCommand() {}

    @Override
    public Integer call() throws CommandException, TrustException {
        Path folder = DataDirectory.pathOf(data);
        Authority authority = Authority.open(ClusterTrust.folder(folder), InstantSource.system())
                .orElseThrow(() -> new CommandException("the authority of a cluster is not in the data folder " + folder
                        + "; run this where the first coordinator runs, with its --data."));
        if (!authority.revoke(name)) {
            throw new CommandException("no machine called " + name
                    + " has a certificate of this cluster; 'barn status' shows their names.");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                name + " is removed: nobody in the cluster talks to it any more. To come back it needs an invitation"
                        + " and an empty folder workers/" + name + "/trust.");
        out.flush();
        return 0;
    }
}

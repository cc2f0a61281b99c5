package org.barnraiser.worker;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.barnraiser.trust.Invitation;
import org.barnraiser.trust.TrustException;
import org.barnraiser.worker.service.Service;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code barn join}: makes this machine a member of a cluster, and lets it start by itself if its owner wants that. */
@Command(name = "join", mixinStandardHelpOptions = true, sortOptions = false, description = "Makes this machine a member of a cluster, once and for all.")
final class JoinCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "URL", description = "where the cluster is: the coordinator's address, HOST:PORT, or the one that readers use, https://HOST")
    private String url = "";

    @Parameters(index = "1", paramLabel = "INVITATION", description = "what 'barn invite' has printed")
    private String token = "";

    @Parameters(index = "2..*", paramLabel = "OPTION", description = "after '--': options of 'barn worker', such as -- --memory 8G")
    private List<String> workerOptions = List.of();

    @Mixin
    private IdentityOptions which = new IdentityOptions();

    @Option(names = "--service", paramLabel = "yes|no|ask", defaultValue = "ask", description = "start the worker by itself with this machine (default: ${DEFAULT-VALUE}; without a terminal: no)")
    private Answer service = Answer.ASK;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    JoinCommand() {}

    /** Exit status 0 when it has joined, 2 when it was not let in, 1 when the service does not start. */
    @Override
    public Integer call() throws IOException, InterruptedException {
        CommandLine command = spec.commandLine();
        PrintWriter out = command.getOut();
        WorkerIdentity identity;
        try {
            var _ = WorkerMain.commandLine().parseArgs(workerOptions.toArray(String[]::new));
            identity = which.identity();
            join(identity);
        } catch (TrustException | IllegalArgumentException | ParameterException e) {
            throw new ParameterException(command, String.valueOf(e.getMessage()), e);
        }
        out.println("This machine is a member of the cluster now; its name there is " + identity.name() + ".");
        Optional<ThisMachine> machine = ThisMachine.withServices();
        if (machine.isEmpty()) {
            out.println("There is neither systemd nor launchd here, so start it yourself: " + start(identity));
        } else if (service.isYes("Shall it start by itself with this machine?")) {
            machine.get().installation().install(new Service(identity.name(), ThisMachine.barn(), arguments(identity),
                    Path.of(System.getProperty("java.home"))));
            out.println(("It runs as the service " + machine.get().installation().file(identity.name()) + ". "
                    + machine.get().kind().hint()).strip());
        } else {
            out.println("Start it with: " + start(identity));
        }
        out.println("'./barn leave' undoes all of this.");
        out.flush();
        return 0;
    }

    /** At the invitation's own address, else where the URL leads: a machine inside may know the coordinator by another name. */
    private void join(WorkerIdentity identity) throws TrustException, InterruptedException {
        TrustException first = null;
        for (Invitation invitation : ways(Invitation.parse(token), url)) {
            try {
                var _ = ClusterAccess.of(new ClusterAccess.Wish(Optional.of(invitation.token()), Optional.empty(),
                        Optional.empty(), false, false, Duration.ZERO), identity, identity.trustFolder());
                return;
            } catch (TrustException refused) {
                first = first == null ? refused : first;
            }
        }
        throw first == null ? new TrustException("There is no way to the cluster.") : first;
    }

    /** The same invitation by each address at which the coordinator may be, the likeliest first. */
    static List<Invitation> ways(Invitation invitation, String url) {
        List<Invitation> ways = new ArrayList<>();
        if (url.contains("://")) {
            String host = host(url);
            String port = invitation.address().substring(invitation.address().lastIndexOf(':'));
            ways.add(invitation);
            ways.add(new Invitation(host + port, invitation.fingerprint(), invitation.secret()));
        } else if (url.matches("[^\\s/@]{1,255}:[0-9]{1,5}")) {
            ways.add(new Invitation(url, invitation.fingerprint(), invitation.secret()));
            ways.add(invitation);
        } else {
            throw new IllegalArgumentException(
                    url + " is no address of a cluster: write HOST:PORT, or what readers open, such as https://HOST.");
        }
        return ways.stream().distinct().toList();
    }

    private static String host(String url) {
        try {
            String host = URI.create(url).getHost();
            if (host != null) {
                return host;
            }
        } catch (IllegalArgumentException _) {
            // The sentence below says it.
        }
        throw new IllegalArgumentException(url + " names no host; write https://HOST, or HOST:PORT.");
    }

    private ImmutableList<String> arguments(WorkerIdentity identity) {
        return ImmutableList.<String>builder().add("worker", "--name", identity.name(), "--data",
                which.dataFolder().toString()).addAll(workerOptions).build();
    }

    private String start(WorkerIdentity identity) {
        return ThisMachine.barn() + " " + String.join(" ", arguments(identity));
    }
}

package org.barnraiser.coordinator.cli;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.barnraiser.coordinator.account.Credential;
import org.barnraiser.proto.Wish;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code barn reclaim}: "my machine is mine now". Exit code 0 when it is free, 1 when it is not. */
@Command(name = "reclaim", mixinStandardHelpOptions = true, description = "Takes a machine back: it is free within ten seconds.")
final class ReclaimCommand implements Callable<Integer> {
    /** A worker needs ten seconds at most. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "WORKER", description = "A worker's name, as 'barn status' shows it (default: those on this machine).")
    private @Nullable String worker;

    @Option(names = "--url", defaultValue = "http://localhost:8080", description = "The coordinator that knows WORKER, on this machine (default: ${DEFAULT-VALUE}).")
    private URI url;

    @Mixin
    private Credential credential;

    @Option(names = "--data", paramLabel = "DIR", description = "The data folder of the workers on this machine (default: $BARN_DATA, else ~/.barnraiser).")
    private @Nullable Path data;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    ReclaimCommand() {}

    @Override
    public Integer call() throws CommandException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        if (worker != null) {
            try (var remote = new RemoteWorker(url, worker, credential)) {
                return DrainCommand.move(remote, worker, "reclaim", PATIENCE, out);
            }
        }
        List<LocalWorker> workers = workersHere(data);
        try {
            for (LocalWorker local : workers) {
                var _ = local.tell(Wish.WISH_RECLAIM);
            }
            int status = 0;
            for (LocalWorker local : workers) {
                boolean free = local.awaitFree(PATIENCE);
                out.println(local.name() + (free ? " is free: this machine is yours." : " still computes; stop it."));
                status |= free ? 0 : 1;
            }
            out.flush();
            return status;
        } finally {
            workers.forEach(LocalWorker::close);
        }
    }

    /** At least one. */
    static List<LocalWorker> workersHere(@Nullable Path data) throws CommandException {
        Path folder = DataDirectory.pathOf(data);
        List<LocalWorker> workers = LocalWorker.running(folder);
        if (workers.isEmpty()) {
            throw new CommandException("no worker runs on this machine with the data folder " + folder
                    + "; give another with --data, or name a worker of the cluster.");
        }
        return workers;
    }
}

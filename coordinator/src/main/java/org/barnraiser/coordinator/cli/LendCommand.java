package org.barnraiser.coordinator.cli;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.barnraiser.coordinator.account.Credential;
import org.barnraiser.proto.Wish;
import org.barnraiser.proto.WorkerRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code barn lend}: gives a machine again that was taken back or drained. */
@Command(name = "lend", mixinStandardHelpOptions = true, description = "Gives a machine again that was taken back or drained.")
final class LendCommand implements Callable<Integer> {
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
    LendCommand() {}

    @Override
    public Integer call() throws CommandException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        if (worker != null) {
            try (var remote = new RemoteWorker(url, worker, credential)) {
                remote.tell("lend");
                out.println(worker + " is lent again.");
            }
        } else {
            List<LocalWorker> workers = ReclaimCommand.workersHere(data);
            try {
                for (LocalWorker local : workers) {
                    out.println(sentence(local.name(), local.tell(Wish.WISH_LEND)));
                }
            } finally {
                workers.forEach(LocalWorker::close);
            }
        }
        out.flush();
        return 0;
    }

    private static String sentence(String name, WorkerRecord record) {
        return record.getWish() == Wish.WISH_LEND
                ? name + " is lent again."
                : name + " is lent again when its hours begin: " + record.getWishReason() + ".";
    }
}

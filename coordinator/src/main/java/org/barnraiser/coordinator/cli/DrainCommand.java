package org.barnraiser.coordinator.cli;

import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.barnraiser.coordinator.account.Credential;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code barn drain}: moves a worker's layers to other machines. Exit code 0 when it is free, 1 when it is not. */
@Command(name = "drain", mixinStandardHelpOptions = true, description = "Moves a worker's layers to other machines; answers go on.")
final class DrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "WORKER", description = "The worker's name, as 'barn status' shows it.")
    private String worker;

    @Option(names = "--url", defaultValue = "http://localhost:8080", description = "The coordinator, on this machine (default: ${DEFAULT-VALUE}).")
    private URI url;

    @Mixin
    private Credential credential;

    @Option(names = "--wait", paramLabel = "SECONDS", defaultValue = "60", description = "How long to wait for that (default: ${DEFAULT-VALUE}).")
    private int waitSeconds;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    DrainCommand() {}

    @Override
    public Integer call() throws CommandException, InterruptedException {
        try (var remote = new RemoteWorker(url, worker, credential)) {
            return move(remote, worker, "leave", Duration.ofSeconds(waitSeconds), spec.commandLine().getOut());
        }
    }

    /** Tells the worker, waits until it is free, and says so. */
    static int move(RemoteWorker remote, String worker, String wish, Duration patience, PrintWriter out)
            throws CommandException, InterruptedException {
        boolean ran = !remote.layers().isEmpty();
        remote.tell(wish);
        remote.awaitMoved(patience);
        List<String> layers = remote.layers();
        String trouble = remote.trouble();
        if (!layers.isEmpty()) {
            out.println(worker + " still runs " + String.join(", ", layers) + ": nothing else can hold them.");
        } else if (!ran) {
            out.println(worker + " is free: it ran no layers.");
        } else if (trouble.isEmpty()) {
            out.println(worker + " is free: its layers run elsewhere.");
        } else {
            out.println(worker + " is free, and the model is not ready: " + trouble);
        }
        out.flush();
        return layers.isEmpty() ? 0 : 1;
    }
}

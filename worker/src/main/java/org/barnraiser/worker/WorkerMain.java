package org.barnraiser.worker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.node.WorkerNode;
import org.barnraiser.worker.node.WorkerSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code barn worker}: lends this machine to a cluster until it is stopped. */
@Command(name = "worker", mixinStandardHelpOptions = true, sortOptions = false, description = "Lends this machine's memory and processors to a cluster.")
public final class WorkerMain implements Callable<Integer> {
    private static final long REGISTER_LOG_SECONDS = 10;
    /** What closing may take; then the process ends anyway. */
    private static final long STOP_MILLIS = 4_500;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--zookeeper", required = true, paramLabel = "HOST:PORT[,...]", description = "where the cluster's ZooKeeper is")
    private String zooKeeper = "";

    @Option(names = "--listen", paramLabel = "HOST:PORT", defaultValue = "127.0.0.1:0", description = "where to serve; port 0 takes any (default: ${DEFAULT-VALUE})")
    private String listen = "";

    @Option(names = "--advertise", paramLabel = "HOST:PORT", description = "how others reach this worker, if not by the listening address")
    private @Nullable String advertise;

    @Option(names = "--memory", paramLabel = "SIZE", description = "memory to lend, such as 8G (default: 80%% of what is available)")
    private @Nullable String memory;

    @Option(names = "--disk", paramLabel = "SIZE", description = "disk that the cache of shards may take, such as 100G (default: 90%% of what is free)")
    private @Nullable String disk;

    @Option(names = "--llama-lib", paramLabel = "DIR", defaultValue = "${env:BARN_LLAMA_LIB}", description = "a folder with another llama.cpp build (default: $BARN_LLAMA_LIB, else the bundled one)")
    private @Nullable Path llamaLibrary;

    @Option(names = "--threads", paramLabel = "N", description = "threads to compute with (default: half of the processors)")
    private @Nullable Integer threads;

    @Option(names = "--data", paramLabel = "DIR", defaultValue = "${env:BARN_DATA}", description = "data folder (default: $BARN_DATA, else ~/.barnraiser)")
    private @Nullable Path data;

    @Option(names = "--name", paramLabel = "NAME", description = "this worker's name, different on every worker (default: made up once and kept)")
    private @Nullable String name;

    @Option(names = "--label", paramLabel = "KEY=VALUE", description = "something to know about this machine; repeatable")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(names = "--gpu-layers", paramLabel = "N", description = "layers to put on GPUs (default: all when there is a GPU)")
    private @Nullable Integer gpuLayers;

    @Option(names = "--exit-with-parent", hidden = true, description = "stop when standard input ends, as it does when the process that started this one is gone")
    private boolean exitWithParent;

    /** Exit status 0 after SIGTERM or Ctrl-C, 2 when an option is wrong, 1 when the worker cannot run. */
    public static void main(String[] args) {
        int status = commandLine().execute(args);
        System.exit(status);
    }

    static CommandLine commandLine() {
        return new CommandLine(new WorkerMain()).setParameterExceptionHandler((e, _) -> {
            PrintWriter err = e.getCommandLine().getErr();
            err.println("barn worker: " + e.getMessage());
            err.flush();
            return CommandLine.ExitCode.USAGE;
        });
    }

    @Override
    public Integer call() throws InterruptedException {
        CommandLine command = spec == null ? commandLine() : spec.commandLine();
        WorkerSettings settings = settings(command);
        if (exitWithParent) {
            Thread.ofPlatform().daemon().name("parent").start(WorkerMain::exitAtEndOfInput);
        }
        try {
            run(settings, command.getOut());
            return CommandLine.ExitCode.OK;
        } catch (LlamaException | IOException e) {
            command.getErr().println("barn worker: " + e.getMessage());
            command.getErr().flush();
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private WorkerSettings settings(CommandLine command) {
        try {
            var options = new WorkerOptions();
            Path folder = options.dataFolder(Optional.ofNullable(data));
            WorkerIdentity identity = WorkerIdentity.of(folder, Optional.ofNullable(name));
            return new WorkerSettings(options.zooKeeper(zooKeeper), options.address("--listen", listen, 0),
                    Optional.ofNullable(advertise).map(text -> options.advertised(text)),
                    memory == null ? options.defaultMemoryBytes() : options.size("--memory", memory),
                    disk == null ? options.defaultDiskBytes(identity.folder()) : options.size("--disk", disk),
                    Optional.ofNullable(llamaLibrary).map(options::libraryFolder),
                    threads == null ? options.defaultThreads() : options.atLeast("--threads", threads, 1),
                    identity.folder(), identity.name(), labels,
                    gpuLayers == null
                            ? OptionalInt.empty()
                            : OptionalInt.of(options.atLeast("--gpu-layers", gpuLayers, 0)));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new ParameterException(command, "The data folder cannot be used: " + e.getMessage(), e);
        }
    }

    private static void run(WorkerSettings settings, PrintWriter out)
            throws LlamaException, IOException, InterruptedException {
        WorkerNode node = WorkerNode.start(settings);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> stop(node)));
        while (!node.awaitRegistered(REGISTER_LOG_SECONDS)) {
            out.println("Worker " + settings.workerId() + " waits for ZooKeeper at " + settings.zooKeeper() + ".");
            out.flush();
        }
        out.println("Worker " + settings.workerId() + " is registered at " + node.address() + ".");
        out.flush();
        new CountDownLatch(1).await(); // until a signal comes
    }

    private static void exitAtEndOfInput() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            System.err.println(
                    "barn worker: standard input broke (" + e.getMessage() + "), so whoever started this is gone.");
        }
        System.exit(CommandLine.ExitCode.OK);
    }

    /** A stop on request is a success, which a Java process would report as 143 or 130. */
    private static void stop(WorkerNode node) {
        var closing = Thread.ofPlatform().daemon().start(() -> {
            try {
                node.close();
            } catch (IOException e) {
                System.err.println("barn worker: " + e.getMessage());
            }
        });
        try {
            closing.join(STOP_MILLIS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(0);
    }
}

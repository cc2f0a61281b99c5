package org.barnraiser.worker;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.barnraiser.proto.SpeedRecord;
import org.barnraiser.trust.Discretion;
import org.barnraiser.trust.TrustException;
import org.barnraiser.worker.engine.EngineChoice;
import org.barnraiser.worker.lend.LendingHours;
import org.barnraiser.worker.lend.PowerSupply;
import org.barnraiser.worker.llama.CacheType;
import org.barnraiser.worker.llama.Devices;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.measure.KnownSpeed;
import org.barnraiser.worker.node.EngineSettings;
import org.barnraiser.worker.node.WorkerNode;
import org.barnraiser.worker.node.WorkerSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Option(names = "--zookeeper", paramLabel = "HOST:PORT[,...]", description = "where the cluster's ZooKeeper is (default: what the coordinator said when this worker joined)")
    private @Nullable String zooKeeper;

    @Option(names = "--join", paramLabel = "INVITATION", description = "join the cluster that 'barn invite' has printed this for; needed once")
    private @Nullable String invitation;

    @Option(names = "--join-patience", paramLabel = "TIME", defaultValue = "0s", description = "how long to wait for a coordinator that cannot be reached yet before joining (default: ${DEFAULT-VALUE})")
    private String joinPatience = "";

    @Option(names = "--trust", paramLabel = "DIR", description = "where this worker's key and certificate are kept (default: in its data folder)")
    private @Nullable Path trust;

    @Option(names = "--insecure", description = "listen to other machines without certificates, where the network itself lets nobody else in")
    private boolean insecure;

    @Option(names = "--listen", paramLabel = "HOST:PORT", description = "where to serve; port 0 takes any (default: 127.0.0.1:0, or with a certificate the address by which this machine reaches its coordinator)")
    private @Nullable String listen;

    @Option(names = "--advertise", paramLabel = "HOST:PORT", description = "how others reach this worker, if not by the listening address")
    private @Nullable String advertise;

    @Option(names = "--outgoing-only", description = "nobody can dial this machine, or is to: it is called through the connections that it keeps to the coordinators and relays (found out without this, too, in a little more time)")
    private boolean outgoingOnly;

    @Option(names = "--memory", paramLabel = "SIZE", description = "memory to lend, such as 8G (default: 80%% of what is available)")
    private @Nullable String memory;

    @Option(names = "--disk", paramLabel = "SIZE", description = "disk that the cache of shards may take, such as 100G (default: 90%% of what is free)")
    private @Nullable String disk;

    @Option(names = "--llama-lib", paramLabel = "DIR", defaultValue = "${env:BARN_LLAMA_LIB}", description = "a folder with a llama.cpp build, or 'bundled' (default: $BARN_LLAMA_LIB, else the best that 'barn engine list' shows)")
    private @Nullable Path llamaLibrary;

    @Option(names = "--threads", paramLabel = "N", description = "threads to compute with (default: half of the processors)")
    private @Nullable Integer threads;

    @Mixin
    private IdentityOptions which = new IdentityOptions();

    @Option(names = "--label", paramLabel = "KEY=VALUE", description = "something to know about this machine; repeatable")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(names = "--owner", paramLabel = "NAME", description = "who lends this machine, for the ledger of what machines gave; the same as --label owner=NAME")
    private @Nullable String owner;

    @Option(names = "--gpu-layers", paramLabel = "N|auto", defaultValue = "auto", description = "layers to put on GPUs; auto: all when there is a GPU (default: ${DEFAULT-VALUE})")
    private String gpuLayers = "";

    @Option(names = "--device", paramLabel = "NAME[,NAME]", split = ",", description = "what to compute on, as 'barn engine list' names it (default: all GPUs, else the CPU)")
    private List<String> devices = List.of();

    @Option(names = "--cache-type", paramLabel = "TYPE", defaultValue = "f16", description = "how the KV cache stores its values: f16, or q8_0 in half the memory (default: ${DEFAULT-VALUE})")
    private String cacheType = "";

    @Option(names = "--available", paramLabel = "HOURS", description = "when this machine is lent, such as 'Mon-Fri 18:00-08:00; Sat,Sun 00:00-24:00' (default: always)")
    private @Nullable String available;

    @Option(names = "--time-zone", paramLabel = "ZONE", description = "whose clocks --available means, such as Europe/Berlin (default: this machine's)")
    private @Nullable String timeZone;

    @Option(names = "--leave-ahead", paramLabel = "TIME", defaultValue = "2m", description = "how long before its hours end this machine begins to leave (default: ${DEFAULT-VALUE})")
    private String leaveAhead = "";

    @Option(names = "--on-battery", paramLabel = "pause|lend", defaultValue = "lend", description = "whether this machine pauses while it runs on its battery, where the system tells (default: ${DEFAULT-VALUE})")
    private OnBattery onBattery = OnBattery.LEND;

    @Option(names = "--drain-timeout", paramLabel = "TIME", defaultValue = "30s", description = "how long stopping waits until the layers run elsewhere; 0: not at all (default: ${DEFAULT-VALUE})")
    private String drainTimeout = "";

    @Option(names = "--measure", paramLabel = "yes|no", defaultValue = "${env:BARN_MEASURE:-yes}", description = "measure once how fast this machine is, which takes a second (default: $BARN_MEASURE, else yes)")
    private String measure = "";

    @Option(names = "--upload-limit", paramLabel = "SIZE", description = "what other workers may fetch from this one per second, such as 10M (default: no limit)")
    private @Nullable String uploadLimit;

    @Option(names = "--exit-with-parent", hidden = true, description = "stop when standard input ends, as it does when the process that started this one is gone")
    private boolean exitWithParent;

    private enum OnBattery {
        PAUSE, LEND
    }

    /** Exit status 0 after SIGTERM or Ctrl-C, 2 when an option is wrong, 1 when the worker cannot run. */
    public static void main(String[] args) {
        Discretion.keep();
        int status = commandLine().execute(args);
        System.exit(status);
    }

    static CommandLine commandLine() {
        return new CommandLine(new WorkerMain()).setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, _) -> {
                    PrintWriter err = e.getCommandLine().getErr();
                    err.println("barn worker: " + e.getMessage());
                    err.flush();
                    return CommandLine.ExitCode.USAGE;
                });
    }

    @Override
    public Integer call() throws InterruptedException {
        CommandLine command = spec == null ? commandLine() : spec.commandLine();
        var options = new WorkerOptions();
        ClusterAccess access = access(command, options);
        WorkerSettings settings = settings(command, options, access);
        Duration drain = drainTimeout(command, options);
        if (exitWithParent) {
            Thread.ofPlatform().daemon().name("parent").start(WorkerMain::exitAtEndOfInput);
        }
        try {
            run(settings, access, speed(settings), drain, command.getOut());
            return CommandLine.ExitCode.OK;
        } catch (LlamaException | IOException | TrustException e) {
            command.getErr().println("barn worker: " + e.getMessage());
            command.getErr().flush();
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private Duration drainTimeout(CommandLine command, WorkerOptions options) {
        try {
            return options.duration("--drain-timeout", drainTimeout);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command, String.valueOf(e.getMessage()), e);
        }
    }

    private Map<String, String> labels() {
        Map<String, String> all = new LinkedHashMap<>(labels);
        if (owner != null) {
            all.put("owner", owner);
        }
        return all;
    }

    private ClusterAccess access(CommandLine command, WorkerOptions options) throws InterruptedException {
        try {
            WorkerIdentity identity = which.identity();
            var wish = new ClusterAccess.Wish(Optional.ofNullable(invitation),
                    Optional.ofNullable(zooKeeper).map(options::zooKeeper),
                    Optional.ofNullable(listen).map(text -> options.address("--listen", text, 0)), insecure,
                    outgoingOnly, options.duration("--join-patience", joinPatience));
            return ClusterAccess.of(wish, identity, trust == null ? identity.trustFolder() : trust);
        } catch (IllegalArgumentException | TrustException e) {
            throw new ParameterException(command, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new ParameterException(command, "The data folder cannot be used: " + e.getMessage(), e);
        }
    }

    private WorkerSettings settings(CommandLine command, WorkerOptions options, ClusterAccess access)
            throws InterruptedException {
        try {
            WorkerIdentity identity = which.identity();
            return new WorkerSettings(access.zooKeeper(), access.listen(),
                    Optional.ofNullable(advertise).map(text -> options.advertised(text)), outgoingOnly,
                    memory == null ? options.defaultMemoryBytes() : options.size("--memory", memory),
                    disk == null ? options.defaultDiskBytes(identity.folder()) : options.size("--disk", disk),
                    engine(which.dataFolder(), options),
                    threads == null ? options.defaultThreads() : options.atLeast("--threads", threads, 1),
                    identity.folder(), identity.name(), labels(),
                    Optional.ofNullable(available).map(text -> LendingHours.parse(text, options.timeZone(
                            Optional.ofNullable(timeZone)), options.duration("--leave-ahead", leaveAhead))),
                    onBattery == OnBattery.PAUSE ? Optional.of(PowerSupply.HERE) : Optional.empty(),
                    uploadLimit == null
                            ? OptionalLong.empty()
                            : OptionalLong.of(options.size("--upload-limit", uploadLimit)));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new ParameterException(command, "The data folder cannot be used: " + e.getMessage(), e);
        }
    }

    private EngineSettings engine(Path folder, WorkerOptions options) throws InterruptedException {
        OptionalInt layers = options.gpuLayers(gpuLayers);
        CacheType type = options.cacheType(cacheType);
        EngineChoice choice = EngineChoice.of(folder, Optional.ofNullable(llamaLibrary).map(options::libraryFolder),
                devices);
        return new EngineSettings(choice.folder(), choice.reason(), layers, devices, type);
    }

    private Optional<SpeedRecord> speed(WorkerSettings settings) throws LlamaException {
        if (measure.equalsIgnoreCase("no")) {
            return Optional.empty();
        }
        LlamaLibrary library = LlamaLibrary.open(settings.engine().library());
        Devices computed = Devices.of(library, settings.engine().devices());
        return new KnownSpeed(which.dataFolder().resolve("speed")).of(library,
                settings.threads(), settings.engine().gpuLayers(computed), computed);
    }

    private static void run(WorkerSettings settings, ClusterAccess access, Optional<SpeedRecord> speed,
            Duration drain, PrintWriter out) throws LlamaException, IOException, TrustException, InterruptedException {
        StopSignals signals = StopSignals.install();
        ClusterAccess.Open open = access.open();
        WorkerNode node = WorkerNode.start(settings, speed, open.links());
        if (!open.links().areSecure() && !settings.listen().getAddress().isLoopbackAddress()) {
            say(out, "Worker " + settings.workerId()
                    + " shows and asks for no certificates (--insecure): whoever reaches"
                    + " its port can use it and see what it computes.");
        }
        RunningFile running = RunningFile.write(settings.dataFolder(), node.localAddress());
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> stop(node, open, running)));
        Thread.ofVirtual().name("announce").start(() -> announce(settings, node, out));
        signals.await();
        if (drain.isPositive() && node.runsSomething()) {
            say(out, "Worker " + settings.workerId() + " leaves when its layers run elsewhere, or in "
                    + drain.toSeconds()
                    + " s. Another Ctrl-C stops it at once.");
            if (!node.drain(drain)) {
                say(out, "Worker " + settings.workerId() + " stops although its layers have found no other machine.");
            }
        }
    }

    private static void announce(WorkerSettings settings, WorkerNode node, PrintWriter out) {
        try {
            while (!node.awaitRegistered(REGISTER_LOG_SECONDS)) {
                say(out, "Worker " + settings.workerId() + " waits for ZooKeeper at " + settings.zooKeeper() + ".");
            }
            say(out, "Worker " + settings.workerId() + " is registered at " + node.address() + ".");
        } catch (InterruptedException e) {
            throw new IllegalStateException("Nobody interrupts this thread", e);
        }
    }

    private static void say(PrintWriter out, String sentence) {
        out.println(sentence);
        out.flush();
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
    private static void stop(WorkerNode node, ClusterAccess.Open open, RunningFile running) {
        var closing = Thread.ofPlatform().daemon().start(() -> {
            try (running; open) {
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

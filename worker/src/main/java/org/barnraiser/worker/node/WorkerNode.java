package org.barnraiser.worker.node;

import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.curator.framework.CuratorFramework;
import org.barnraiser.proto.CacheType;
import org.barnraiser.proto.SpeedRecord;
import org.barnraiser.proto.WorkerRecord;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.TrustException;
import org.barnraiser.trust.manners.Courtesy;
import org.barnraiser.trust.manners.UploadLimit;
import org.barnraiser.trust.reach.ReachService;
import org.barnraiser.trust.reach.ReachingLinks;
import org.barnraiser.trust.reach.RelayDirectory;
import org.barnraiser.trust.reach.Waiting;
import org.barnraiser.trust.reach.Whereabouts;
import org.barnraiser.worker.lend.PowerSupply;
import org.barnraiser.worker.llama.Devices;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.shard.ShardCache;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running worker: engine, cache, server and registration, put together. */
public final class WorkerNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerNode.class);
    /** For the first line to a relay to stand. */
    private static final Duration LINE_TIMEOUT = Duration.ofSeconds(5);
    private static final long POWER_COUNTS_MILLIS = 1_000;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);
    /** ZooKeeper holds small records only. */
    private static final int MAX_SHARDS_TOLD = 64;

    private final WorkerSettings settings;
    private final Optional<SpeedRecord> speed;
    private final String incarnationId = UUID.randomUUID().toString();
    private final LlamaLibrary library;
    private final Devices devices;
    private final ShardCache cache;
    private final StageRegistry registry = new StageRegistry();
    private final MachineWatch machine;
    private final PieceLedger ledger = new PieceLedger(InstantSource.system());
    private final Pulse pulse;
    private final Lending lending;
    private final Departure departure;
    private final WorkerServer server;
    private final Optional<Waiting> waiting;
    private volatile List<String> relays = List.of();
    private @Nullable RelayDirectory directory;
    private @Nullable Registration registration;

    private WorkerNode(WorkerSettings settings, Optional<SpeedRecord> speed, Links links)
            throws LlamaException, IOException {
        this.settings = settings;
        this.speed = speed;
        library = LlamaLibrary.open(settings.engine().library());
        devices = Devices.of(library, settings.engine().devices());
        cache = ShardCache.open(settings.dataFolder().resolve("shards"), settings.cacheBytes());
        machine = MachineWatch.start(settings.dataFolder());
        ReachService reach = ReachService.member();
        var reaching = new ReachingLinks(links, reach, this::dialled, () -> relays);
        pulse = new Pulse(incarnationId, registry, () -> ledger.traffic(cache), machine,
                address -> reaching.wayTo(address).words());
        var memory = new MemoryBudget(settings.memoryBytes());
        var opener = new StageOpener(library, memory,
                new StageOpener.EngineChoices(settings.threads(), settings.engine().gpuLayers(devices),
                        devices.chosen(),
                        settings.engine().cacheType()));
        var channels = new Channels(reaching);
        var courtesy = new Courtesy(System::nanoTime);
        var loads = new LoadClaims();
        lending = new Lending(settings.hours(), mustRest(settings.spared()), InstantSource.system());
        departure = new Departure(lending, registry, loads, this::refresh);
        var loader = new ShardLoader(registry, new ShardFetcher(channels, cache, incarnationId, ledger, courtesy),
                opener, loads,
                lending);
        try {
            server = WorkerServer.start(settings.listen(), links,
                    new WorkerAdmission(settings.workerId()),
                    new StageService(registry, GrpcLink.dialer(channels),
                            mayNeedCalling() ? courtesy : Courtesy.none()),
                    new ControlService(registry, loader, pulse, lending, this::describe, this::refresh,
                            new Examination(channels, cache, incarnationId, ledger), channels),
                    new PieceService(cache, new UploadLimit(settings.uploadBytesPerSecond()), courtesy, ledger), reach);
        } catch (IOException e) {
            pulse.close();
            machine.close();
            departure.close();
            cache.close();
            throw new IOException("Nothing can listen at " + settings.listen().getHostString() + ":"
                    + settings.listen().getPort() + ": " + e.getMessage(), e);
        }
        waiting = mayNeedCalling() ? Optional.of(new Waiting(links, line(), server.here())) : Optional.empty();
    }

    /** A worker of which nobody knows how fast it is. */
    public static WorkerNode start(WorkerSettings settings) throws LlamaException, IOException {
        return start(settings, Optional.empty(), Links.PLAIN);
    }

    /**
     * Opens everything, serves, and starts to register in the background.
     *
     * @param speed that its record tells
     * @param links by which others are reached and reach this worker
     */
    public static WorkerNode start(WorkerSettings settings, Optional<SpeedRecord> speed, Links links)
            throws LlamaException, IOException {
        CuratorFramework zooKeeper = client(settings, links);
        var node = new WorkerNode(settings, speed, links);
        synchronized (node) {
            zooKeeper.start();
            node.directory = RelayDirectory.watch(zooKeeper, node::onRelays);
            // Whoever looks for this worker right after its registration shall find it waiting.
            node.awaitLine();
            node.registration = Registration.start(zooKeeper, node.describe(), links);
        }
        node.departure.start();
        return node;
    }

    /** Some batteries take a while to say how they are. */
    private static BooleanSupplier mustRest(Optional<PowerSupply> spared) {
        return spared.<BooleanSupplier>map(power -> {
            Supplier<Boolean> onBattery = Suppliers.memoizeWithExpiration(power::isBattery, POWER_COUNTS_MILLIS,
                    TimeUnit.MILLISECONDS);
            return onBattery::get;
        }).orElse(() -> false);
    }

    private static CuratorFramework client(WorkerSettings settings, Links links) throws IOException {
        try {
            return Registration.client(settings.zooKeeper(), links);
        } catch (TrustException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private void awaitLine() throws IOException {
        try {
            if (waiting.isPresent() && !waiting.get().awaitConnected(LINE_TIMEOUT)) {
                LOG.info("No relay is reached yet; this worker can be called as soon as one is.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("The start was interrupted", e);
        }
    }

    private void onRelays(List<String> known) {
        relays = known;
        waiting.ifPresent(waits -> waits.at(known));
    }

    /** A machine that only its own programs reach needs no relay, and has none. */
    private boolean mayNeedCalling() {
        String host = settings.advertise().map(Whereabouts::host).orElseGet(this::reachableHost);
        return settings.outgoingOnly() || !Whereabouts.isLoopback(host);
    }

    private String line() {
        return Whereabouts.line(settings.workerId(), incarnationId);
    }

    /** Whether the cluster knows this worker in time. */
    public boolean awaitRegistered(long timeoutSeconds) throws InterruptedException {
        Registration current;
        synchronized (this) {
            current = registration;
        }
        return current != null && current.awaitRegistered(timeoutSeconds);
    }

    /** host:port that this machine's own programs reach this worker by. */
    public String localAddress() {
        InetSocketAddress here = server.here();
        return Whereabouts.address(here.getAddress().getHostAddress(), here.getPort());
    }

    /** Whether a pipeline runs through this worker. */
    public boolean runsSomething() {
        return registry.runsSomething();
    }

    /** Where others find this worker: host:port, the line on which it can be called, or both. */
    public String address() {
        return waiting.isEmpty()
                ? dialledAddress()
                : new Whereabouts(dialled(), Optional.of(line())).toString();
    }

    /** host:port that others may reach this worker by. */
    private Optional<String> dialled() {
        return settings.outgoingOnly() ? Optional.empty() : Optional.of(dialledAddress());
    }

    private String dialledAddress() {
        return settings.advertise().orElseGet(() -> Whereabouts.address(reachableHost(), server.port()));
    }

    public int port() {
        return server.port();
    }

    /** This worker as the cluster sees it, as of now. */
    public WorkerRecord describe() {
        List<String> shards = cache.shardIds();
        Lending.State wish = lending.now();
        var record = EngineDescription.of(library, devices).setWorkerId(settings.workerId())
                .setIncarnationId(incarnationId)
                .setAddress(address()).setPid(ProcessHandle.current().pid()).setHostName(hostName())
                .setUsableMemoryBytes(settings.memoryBytes()).putAllLabels(settings.labels())
                .setWish(wish.wish()).setWishReason(wish.reason())
                .addAllShardsHeld(shards.subList(0, Math.min(shards.size(), MAX_SHARDS_TOLD)));
        record.getEngineBuilder().setThreads(settings.threads()).setReason(settings.engine().reason())
                .setCacheType(switch (settings.engine().cacheType()) {
                    case F16 -> CacheType.CACHE_TYPE_F16;
                    case Q8_0 -> CacheType.CACHE_TYPE_Q8_0;
                });
        speed.ifPresent(record::setSpeed);
        machine.latest().ifPresent(now -> record.setDiskFreeBytes(now.getDiskFreeBytes()));
        return record.build();
    }

    /**
     * Lets the cluster move this machine's layers away, while they go on serving. Blocks until nothing runs here or the time is
     * over; says which.
     */
    public boolean drain(Duration timeout) throws InterruptedException {
        lending.leave("it is being stopped");
        refresh();
        return registry.awaitNothingRuns(timeout);
    }

    private synchronized void refresh() {
        if (registration != null) {
            try {
                registration.update(describe());
            } catch (Exception e) {
                LOG.warn("The cluster was not told of this worker's shards: {}", e.getMessage());
            }
        }
    }

    /** Listening everywhere is no address to be called at. */
    private String reachableHost() {
        InetAddress listening = settings.listen().getAddress();
        if (listening != null && listening.isAnyLocalAddress()) {
            return hostName();
        }
        return settings.listen().getHostString();
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            return "unknown";
        }
    }

    /** Unregisters, ends all streams, and unloads, within a few seconds; a computation that lasts longer is left behind. */
    @Override
    public synchronized void close() throws IOException {
        if (directory != null) {
            directory.close();
            directory = null;
        }
        if (registration != null) {
            registration.close();
            registration = null;
        }
        waiting.ifPresent(Waiting::close);
        List<HostedStage> stages = registry.removeAll();
        stages.forEach(HostedStage::close);
        server.close();
        pulse.close();
        machine.close();
        departure.close();
        try {
            awaitClosed(stages);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        cache.close();
    }

    private static void awaitClosed(List<HostedStage> stages) throws InterruptedException {
        long deadline = System.nanoTime() + CLOSE_TIMEOUT.toNanos();
        for (HostedStage stage : stages) {
            if (!stage.awaitClosed(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())))) {
                LOG.warn("A stage is still computing and is left behind: {}", stage);
            }
        }
    }
}

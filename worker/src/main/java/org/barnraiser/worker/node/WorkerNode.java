package org.barnraiser.worker.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.barnraiser.proto.WorkerRecord;
import org.barnraiser.worker.llama.Device;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.llama.ModelOptions;
import org.barnraiser.worker.shard.ShardCache;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running worker: engine, cache, server and registration, put together. */
public final class WorkerNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerNode.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);
    /** ZooKeeper holds small records only. */
    private static final int MAX_SHARDS_TOLD = 64;

    private final WorkerSettings settings;
    private final String incarnationId = UUID.randomUUID().toString();
    private final LlamaLibrary library;
    private final ShardCache cache;
    private final StageRegistry registry = new StageRegistry();
    private final WorkerServer server;
    private @Nullable Registration registration;

    private WorkerNode(WorkerSettings settings) throws LlamaException, IOException {
        this.settings = settings;
        library = LlamaLibrary.open(settings.llamaLibrary());
        cache = ShardCache.open(settings.dataFolder().resolve("shards"), settings.cacheBytes());
        var memory = new MemoryBudget(settings.memoryBytes());
        var choices = new ShardLoader.EngineChoices(settings.threads(), gpuLayers());
        var loader = new ShardLoader(library, cache, registry, memory, choices);
        var schemas = new SchemaConverter(settings.dataFolder().resolve("schema-converter"));
        try {
            server = WorkerServer.start(settings.listen(), new StageService(registry, GrpcLink::dial),
                    new ControlService(registry, loader, schemas, this::describe, this::refresh));
        } catch (IOException e) {
            cache.close();
            throw new IOException("Nothing can listen at " + settings.listen().getHostString() + ":"
                    + settings.listen().getPort() + ": " + e.getMessage(), e);
        }
    }

    /** Opens everything, serves, and starts to register in the background. */
    public static WorkerNode start(WorkerSettings settings) throws LlamaException, IOException {
        var node = new WorkerNode(settings);
        synchronized (node) {
            node.registration = Registration.start(settings.zooKeeper(), node.describe());
        }
        return node;
    }

    /** Whether the cluster knows this worker in time. */
    public boolean awaitRegistered(long timeoutSeconds) throws InterruptedException {
        Registration current;
        synchronized (this) {
            current = registration;
        }
        return current != null && current.awaitRegistered(timeoutSeconds);
    }

    /** host:port that others reach this worker by. */
    public String address() {
        return settings.advertise().orElseGet(() -> reachableHost() + ":" + server.port());
    }

    public int port() {
        return server.port();
    }

    /** This worker as the cluster sees it, as of now. */
    public WorkerRecord describe() {
        List<String> shards = cache.shardIds();
        var record = EngineDescription.of(library).setWorkerId(settings.workerId()).setIncarnationId(incarnationId)
                .setAddress(address()).setPid(ProcessHandle.current().pid()).setHostName(hostName())
                .setUsableMemoryBytes(settings.memoryBytes()).putAllLabels(settings.labels())
                .addAllShardsHeld(shards.subList(0, Math.min(shards.size(), MAX_SHARDS_TOLD)));
        record.getEngineBuilder().setThreads(settings.threads());
        return record.build();
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

    private int gpuLayers() {
        boolean gpu = library.devices().stream().anyMatch(device -> device.kind() == Device.Kind.GPU);
        return settings.gpuLayers().orElse(gpu ? ModelOptions.ALL_LAYERS : 0);
    }

    /** Listening everywhere is no address to be called at. */
    private String reachableHost() {
        InetAddress listening = settings.listen().getAddress();
        if (listening != null && listening.isAnyLocalAddress()) {
            return hostName();
        }
        String host = settings.listen().getHostString();
        return host.indexOf(':') < 0 ? host : "[" + host + "]";
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
        if (registration != null) {
            registration.close();
            registration = null;
        }
        List<HostedStage> stages = registry.removeAll();
        stages.forEach(HostedStage::close);
        server.close();
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
                LOG.warn("Pipeline {} is still computing and is left behind", stage.pipelineId());
            }
        }
    }
}

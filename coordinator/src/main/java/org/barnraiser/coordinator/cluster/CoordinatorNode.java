package org.barnraiser.coordinator.cluster;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.stream.Stream;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ManifestCache;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.plan.ProportionalPlanner;
import org.barnraiser.coordinator.weights.WeightsService;
import org.barnraiser.proto.CoordinatorRecord;
import org.barnraiser.proto.EngineAbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A whole coordinator without its HTTP server: serves weights, watches the cluster, plans, loads and drives the pipeline. */
public final class CoordinatorNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CoordinatorNode.class);

    /** Everything that has been started, the latest first. */
    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private final ClusterModel model;
    private final String grpcAddress;

    private CoordinatorNode(CoordinatorConfig config) throws ClusterException {
        try {
            ModelFile file = opened(ModelFile.open(config.model()));
            Manifest manifest = manifest(config, file);
            ShardSource source = GgufShardSource.of(file, manifest);
            checkSupported(source);
            PipelineSettings settings = config.pipeline().resolvedFor(source.trainedContextTokens());
            ModelDescription description = source.description(settings.contextTokens());

            WeightsService weights = new WeightsService();
            weights.publish(file, manifest);
            grpcAddress = opened(WeightsServer.start(config.listen(), weights)).address();
            ZooKeeperConnection zooKeeper = opened(ZooKeeperConnection.open(config.zooKeeper()));
            model = startModel(config, source, description, settings, zooKeeper);
        } catch (IOException e) {
            close();
            throw new ClusterException("The model " + config.model() + " cannot be hosted: " + e.getMessage(), e);
        } catch (ClusterException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Starts a coordinator; returns before the model is ready, which {@link HostedModel#readiness()} tells. Blocks while the
     * model file is checked and its manifest is made: minutes for a large model that is new here.
     *
     * @throws ClusterException when the model cannot be hosted, the address is taken or ZooKeeper is out of reach
     */
    public static CoordinatorNode start(CoordinatorConfig config) throws ClusterException {
        return new CoordinatorNode(config);
    }

    private static Manifest manifest(CoordinatorConfig config, ModelFile file) throws IOException {
        LOG.info("Checking the tensors of {}", config.model());
        return new ManifestCache(config.dataDirectory().resolve("manifests")).manifestOf(file, (_, _) -> {});
    }

    /** A model that no engine can split is refused at once, whoever the workers are. */
    private static void checkSupported(ShardSource source) throws ClusterException {
        Stream<EngineAbi> engines = Stream.of(EngineAbi.ENGINE_ABI_B4916, EngineAbi.ENGINE_ABI_V0_5);
        if (engines.allMatch(engine -> source.refusal(engine).isPresent())) {
            throw new ClusterException(source.refusal(EngineAbi.ENGINE_ABI_V0_5).orElseThrow());
        }
    }

    private ClusterModel startModel(CoordinatorConfig config, ShardSource source, ModelDescription description,
            PipelineSettings settings, ZooKeeperConnection zooKeeper) throws ClusterException {
        EventLoop loop = opened(new EventLoop("cluster"));
        WorkerChannels channels = opened(new WorkerChannels());
        RollCall rollCall = new RollCall(channels, config.timings().call());
        PlanDrafter drafter = new PlanDrafter(source, description, settings, new ProportionalPlanner(), rollCall,
                new PlanStore(zooKeeper.client()), grpcAddress);
        ModelLifecycle lifecycle = opened(
                new ModelLifecycle(loop, drafter, rollCall, channels, settings, config.timings(),
                        config.minWorkers()));

        String id = UUID.randomUUID().toString();
        CoordinatorRegistration registration = opened(new CoordinatorRegistration(zooKeeper.client(),
                CoordinatorRecord.newBuilder()
                        .setCoordinatorId(id)
                        .setHttpAddress(config.httpAddress())
                        .setGrpcAddress(grpcAddress)
                        .setPid(ProcessHandle.current().pid())
                        .build()));
        registration.start();
        WorkerMembership membership = opened(new WorkerMembership(zooKeeper.client(), loop, config.timings().settle(),
                lifecycle::onWorkers));
        membership.start();
        Leadership leadership = opened(new Leadership(zooKeeper.client(), id, loop, lifecycle::onLeadership));
        leadership.start();
        return new ClusterModel(description, lifecycle, channels, config.timings().call());
    }

    private <T extends AutoCloseable> T opened(T resource) {
        started.push(resource);
        return resource;
    }

    public HostedModel model() {
        return model;
    }

    public ClusterStatus.Source clusterStatus() {
        return model;
    }

    /** {@code host:port} of the gRPC server. */
    public String grpcAddress() {
        return grpcAddress;
    }

    /** Stops everything it started, the latest first; the workers keep what they have loaded. */
    @Override
    public void close() {
        for (AutoCloseable resource = started.poll(); resource != null; resource = started.poll()) {
            try {
                resource.close();
            } catch (Exception e) {
                // AutoCloseable declares Exception; the others are still to be closed.
                LOG.warn("The coordinator could not stop {} in good order.", resource.getClass().getSimpleName(), e);
            }
        }
    }
}

package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableSet;
import io.prometheus.client.Collector;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.adapter.AdapterException;
import org.barnraiser.coordinator.adapter.AdapterStore;
import org.barnraiser.coordinator.adapter.Adapters;
import org.barnraiser.coordinator.gguf.GgufException;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ManifestCache;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.library.Origin;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.WeightsCheck;
import org.barnraiser.coordinator.model.WorkerWishes;
import org.barnraiser.coordinator.plan.ModelNeeds;
import org.barnraiser.coordinator.trust.ClusterTrust;
import org.barnraiser.coordinator.weights.WeightsService;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.trust.TrustException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static com.google.common.collect.ImmutableSet.toImmutableSet;

/** A whole coordinator without its HTTP server: serves weights, watches the cluster, plans, loads and drives the pipeline. */
public final class CoordinatorNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CoordinatorNode.class);

    private static final List<EngineAbi> ENGINES = List.of(EngineAbi.ENGINE_ABI_V0_5, EngineAbi.ENGINE_ABI_B4916);

    private final Resources resources;
    private final ClusterMember member;
    private final String grpcAddress;
    private final ModelNeeds needs;

    private CoordinatorNode(Resources resources, ClusterMember member, String grpcAddress, ModelNeeds needs) {
        this.resources = resources;
        this.member = member;
        this.grpcAddress = grpcAddress;
        this.needs = needs;
    }

    /**
     * Starts a coordinator; returns before the model is ready, which {@link HostedModel#readiness()} tells. Blocks while the
     * model file is checked and its manifest is made: minutes for a large model that is new here.
     *
     * @throws ClusterException when the model cannot be hosted, the address is taken or ZooKeeper is out of reach
     */
    public static CoordinatorNode start(CoordinatorConfig config) throws ClusterException {
        return start(config, ClusterTrust.plain());
    }

    /** The same; the trust is closed with it, or when it does not start. */
    public static CoordinatorNode start(CoordinatorConfig config, ClusterTrust trust) throws ClusterException {
        Resources resources = new Resources();
        try {
            return start(config, resources.add(trust), resources);
        } catch (IOException e) {
            resources.close();
            throw new ClusterException("The model " + config.model() + " cannot be hosted: " + e.getMessage(), e);
        } catch (ClusterException | RuntimeException e) {
            resources.close();
            throw e;
        }
    }

    private static CoordinatorNode start(CoordinatorConfig config, ClusterTrust trust, Resources resources)
            throws ClusterException, IOException {
        ModelFile file = resources.add(ModelFile.open(config.model()));
        Optional<Origin> origin = config.weights().origin();
        Manifest manifest = origin.isPresent()
                ? Manifest.known(file, Files.readAllLines(origin.get().manifest()))
                : hashed(file, config);
        Adapters adapters = resources.add(adapters(config, file, manifest));
        ShardSource source = GgufShardSource.of(file, manifest, adapters);
        refuseUnsupported(source);

        WeightsService weights = resources.add(new WeightsService(config.weights().uploadBytesPerSecond()));
        if (origin.isPresent()) {
            weights.publish(file, manifest, resources.add(origin.get().open()), origin.get().files());
        } else {
            weights.publish(file, manifest);
        }
        adapters.files().forEach(weights::publish);
        CoordinatorServer server = resources.add(CoordinatorServer.start(config.listen(), trust));
        server.serve(weights);
        trust.enrolment(config.zooKeeper()).ifPresent(server::serve);
        remember(trust, server.address());
        ZooKeeperConnection zooKeeper = resources.add(ZooKeeperConnection.open(config.zooKeeper()));
        trust.watch(zooKeeper.client());
        ClusterMember member = resources.add(ClusterMember.join(zooKeeper.client(), source, config, server.address(),
                weights::servedBytes, trust.links()));
        server.serve(member.copiesService());
        server.serve(member.leaderService());
        return new CoordinatorNode(resources, member, server.address(), needs(source, config.pipeline()));
    }

    private static Adapters adapters(CoordinatorConfig config, ModelFile file, Manifest manifest)
            throws ClusterException {
        try {
            return Adapters.open(new AdapterStore(config.dataDirectory()), file, manifest.digest());
        } catch (AdapterException e) {
            throw new ClusterException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Manifest hashed(ModelFile file, CoordinatorConfig config) throws GgufException {
        LOG.info("Checking the tensors of {}", config.model());
        return new ManifestCache(config.dataDirectory().resolve("manifests")).manifestOf(file, (_, _) -> {});
    }

    private static void remember(ClusterTrust trust, String address) throws ClusterException {
        try {
            trust.listensAt(address);
        } catch (TrustException e) {
            throw new ClusterException(String.valueOf(e.getMessage()), e);
        }
    }

    private static ModelNeeds needs(ShardSource source, PipelineSettings settings) {
        ImmutableSet<EngineAbi> engines = ENGINES.stream().filter(engine -> source.refusal(engine).isEmpty())
                .collect(toImmutableSet());
        return source.needs(engines, settings.resolvedFor(source.trainedContextTokens()).cacheTokens());
    }

    /** A model that no engine can split is refused at once, whoever the workers are. */
    private static void refuseUnsupported(ShardSource source) throws ClusterException {
        if (ENGINES.stream().allMatch(engine -> source.refusal(engine).isPresent())) {
            throw new ClusterException(source.refusal(ENGINES.getFirst()).orElseThrow());
        }
    }

    public HostedModel model() {
        return member.model();
    }

    public ClusterStatus.Source clusterStatus() {
        return member.model();
    }

    /** The cluster's numbers for Prometheus. */
    public Collector metrics() {
        return member.metrics();
    }

    /** What the model takes, as it is hosted here, on any engine that can split it. */
    public ModelNeeds needs() {
        return needs;
    }

    /** Reads the model again on every worker's disk. */
    public WeightsCheck weightsCheck() {
        return member.weightsCheck();
    }

    /** Passes on what people want of workers. */
    public WorkerWishes workerWishes() {
        return member.wishes();
    }

    /** {@code host:port} of the gRPC server. */
    public String grpcAddress() {
        return grpcAddress;
    }

    /** Lets another coordinator lead, if there is one; this one goes on answering, through that one. */
    public void resign() {
        member.resign();
    }

    /** Stops everything it started; the workers keep what they have loaded. */
    @Override
    public void close() {
        resources.close();
    }
}

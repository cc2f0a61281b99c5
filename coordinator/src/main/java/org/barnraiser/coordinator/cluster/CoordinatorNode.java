package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.prometheus.client.Collector;
import java.util.Optional;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.HostedModels;
import org.barnraiser.coordinator.model.WeightsCheck;
import org.barnraiser.coordinator.model.WorkerWishes;
import org.barnraiser.coordinator.plan.ModelNeeds;
import org.barnraiser.coordinator.trust.ClusterTrust;
import org.barnraiser.coordinator.weights.WeightsService;
import org.barnraiser.trust.TrustException;
import org.barnraiser.trust.manners.Courtesy;
import org.barnraiser.trust.reach.ReachService;
import org.barnraiser.trust.reach.ReachingLinks;
import org.barnraiser.trust.reach.RelayDirectory;

import static com.google.common.collect.ImmutableMap.toImmutableMap;

/** A whole coordinator without its HTTP server: serves weights, watches the cluster, plans, loads and drives the pipeline. */
public final class CoordinatorNode implements AutoCloseable {
    private final Resources resources;
    private final ClusterTrust trust;
    private final ClusterMember member;
    private final String grpcAddress;
    private final ModelNeeds needs;
    private final ImmutableMap<String, String> quantisations;

    private CoordinatorNode(Resources resources, ClusterTrust trust, ClusterMember member, String grpcAddress,
            ModelNeeds needs,
            ImmutableMap<String, String> quantisations) {
        this.quantisations = quantisations;
        this.resources = resources;
        this.trust = trust;
        this.member = member;
        this.grpcAddress = grpcAddress;
        this.needs = needs;
    }

    /**
     * Starts a coordinator; returns before a model is ready, which {@link HostedModel#readiness()} tells. Blocks while
     * model files are checked and their manifests are made: minutes for a large model that is new here.
     *
     * @throws ClusterException when a model cannot be hosted, the address is taken or ZooKeeper is out of reach
     */
    public static CoordinatorNode start(CoordinatorConfig config) throws ClusterException {
        return start(config, ClusterTrust.plain());
    }

    /** The same; the trust is closed with it, or when it does not start. */
    public static CoordinatorNode start(CoordinatorConfig config, ClusterTrust trust) throws ClusterException {
        Resources resources = new Resources();
        try {
            return start(config, resources.add(trust), resources);
        } catch (ClusterException | RuntimeException e) {
            resources.close();
            throw e;
        }
    }

    private static CoordinatorNode start(CoordinatorConfig config, ClusterTrust trust, Resources resources)
            throws ClusterException {
        Courtesy courtesy = new Courtesy(System::nanoTime);
        WeightsService weights = resources
                .add(new WeightsService(config.weights().uploadBytesPerSecond(), courtesy));
        ImmutableList<OpenModel> models = OpenModels.open(config, weights, resources);
        CoordinatorServer server = resources.add(CoordinatorServer.start(config.listen(), trust));
        server.serve(weights);
        ReachService reach = ReachService.relay();
        server.serve(reach);
        trust.enrolment(config.zooKeeper()).ifPresent(server::serve);
        remember(trust, server.address());
        ZooKeeperConnection zooKeeper = resources.add(ZooKeeperConnection.open(config.zooKeeper(), trust.links()));
        trust.watch(zooKeeper.client());
        RelayDirectory relays = resources.add(RelayDirectory.watch(zooKeeper.client(), _ -> {}));
        resources.add(RelayDirectory.announce(zooKeeper.client(), RelayDirectory.Rank.COORDINATOR, server.address()));
        ReachingLinks links = new ReachingLinks(trust.links(), reach, () -> Optional.of(server.address()),
                () -> relays.addresses().stream().filter(relay -> !relay.equals(server.address())).toList());
        ClusterMember member = resources.add(ClusterMember.join(zooKeeper.client(), models, config, server.address(),
                weights, courtesy, links));
        server.serve(member.copiesService());
        server.serve(member.leaderServices());
        member.metrics().tellOf(trust);
        return new CoordinatorNode(resources, trust, member, server.address(),
                needs(models.getFirst().source(), config.pipeline()),
                models.stream().map(OpenModel::source).collect(toImmutableMap(
                        source -> source.description(1).digest(), ShardSource::quantisation)));
    }

    private static void remember(ClusterTrust trust, String address) throws ClusterException {
        try {
            trust.listensAt(address);
        } catch (TrustException e) {
            throw new ClusterException(String.valueOf(e.getMessage()), e);
        }
    }

    private static ModelNeeds needs(ShardSource source, PipelineSettings settings) {
        return source.needs(ImmutableSet.copyOf(OpenModels.engines(source)),
                settings.resolvedFor(source.trainedContextTokens()).cacheTokens());
    }

    /** The model that was named first. */
    public HostedModel model() {
        return member.model();
    }

    /** All models that are hosted. */
    public HostedModels models() {
        return member.models();
    }

    public ClusterStatus.Source clusterStatus() {
        return () -> member.status().clusterStatus().with(trust.state());
    }

    /** The cluster's numbers for Prometheus. */
    public Collector metrics() {
        return member.metrics();
    }

    /** What the first model takes, as it is hosted here, on any engine that can split it. */
    public ModelNeeds needs() {
        return needs;
    }

    /** How each model is quantised, by digest. */
    public ImmutableMap<String, String> quantisations() {
        return quantisations;
    }

    /** Reads the first model again on every worker's disk. */
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

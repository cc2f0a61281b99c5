package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.UUID;
import org.apache.curator.framework.CuratorFramework;
import org.barnraiser.coordinator.lead.LeaderServices;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.HostedModels;
import org.barnraiser.coordinator.model.WeightsCheck;
import org.barnraiser.coordinator.model.WorkerWishes;
import org.barnraiser.coordinator.weights.CopiesService;
import org.barnraiser.coordinator.weights.IdleModels;
import org.barnraiser.coordinator.weights.WeightsService;
import org.barnraiser.proto.CoordinatorRecord;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.manners.Courtesy;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableMap.toImmutableMap;

/** A coordinator's part in the cluster: registered, a candidate for leader, and the host of its models. */
final class ClusterMember implements AutoCloseable {
    private final Resources resources = new Resources();
    private final ImmutableList<ModelHost> hosts;
    private final HostedModels models;
    private final ClusterStatus.Source status;
    private final LeaderServices leaderServices;
    private final Leadership leadership;
    private final ClusterMetrics metrics;
    private final CopiesService copiesService;

    private ClusterMember(CuratorFramework zooKeeper, List<OpenModel> open, CoordinatorConfig config,
            String grpcAddress, WeightsService weights, Courtesy courtesy, Links links) throws ClusterException {
        String id = UUID.randomUUID().toString();
        EventLoop loop = resources.add(new EventLoop("cluster"));
        PlanStore plans = new PlanStore(zooKeeper);
        WorkerChannels channels = resources.add(new WorkerChannels(links));
        SharedMemory memory = new SharedMemory(plans,
                open.stream().flatMap(model -> ModelHost.keys(model, config).stream()).toList(),
                new Unloader(channels, config.timings().call()));
        ModelHost.Site site = new ModelHost.Site(id, loop, config, grpcAddress, links, plans, memory,
                new OwnLine(courtesy, grpcAddress, Ticker.systemTicker()));
        hosts = open.stream().map(model -> resources.add(new ModelHost(site, model))).collect(toImmutableList());
        models = models(config);
        status = new WholeStatus(models, hosts.stream().map(ModelHost::model).collect(toImmutableList()));
        WorkerCensus census = new WorkerCensus(channels);
        copiesService = new CopiesService(hosts.stream().map(ModelHost::holdings).toList(), new IdleModels(
                new KeptModels(config.dataDirectory(), config.weights().givenUp(), weights::holds), census,
                Ticker.systemTicker()));
        leaderServices = new LeaderServices(
                hosts.stream().collect(toImmutableMap(ModelHost::digest, ModelHost::leaderService)));
        metrics = new ClusterMetrics(status, hosts, weights::servedBytes);

        CoordinatorRecord self = CoordinatorRecord.newBuilder()
                .setCoordinatorId(id)
                .setHttpAddress(config.httpAddress())
                .setGrpcAddress(grpcAddress)
                .setPid(ProcessHandle.current().pid())
                .build();
        resources.add(new CoordinatorRegistration(zooKeeper, self)).start();
        resources.add(new CoordinatorMembership(zooKeeper, loop,
                view -> hosts.forEach(host -> host.onCoordinators(view)))).start();
        resources.add(new WorkerMembership(zooKeeper, loop, config.timings().settle(),
                workers -> {
                    census.onWorkers(workers);
                    hosts.forEach(host -> host.onWorkers(workers));
                })).start();
        leadership = resources.add(new Leadership(zooKeeper, id, loop,
                leads -> hosts.forEach(host -> host.onLeadership(leads))));
        try {
            leadership.start();
        } catch (ClusterException e) {
            close();
            throw e;
        }
    }

    private HostedModels models(CoordinatorConfig config) throws ClusterException {
        try {
            return new HostedModels(hosts.stream().map(ModelHost::model).toList(), config.aliases());
        } catch (IllegalArgumentException e) {
            close();
            throw new ClusterException("The models cannot be hosted under these names: " + e.getMessage() + ".", e);
        }
    }

    /**
     * Joins the cluster; returns before a model is ready.
     *
     * @param open what is hosted, at least one
     * @param grpcAddress {@code host:port} from which workers fetch weights
     * @param weights gives them out there
     * @param courtesy by which they go; hears of steps from now on
     * @param links by which workers and other coordinators are reached
     */
    static ClusterMember join(CuratorFramework zooKeeper, List<OpenModel> open, CoordinatorConfig config,
            String grpcAddress, WeightsService weights, Courtesy courtesy, Links links)
            throws ClusterException {
        return new ClusterMember(zooKeeper, open, config, grpcAddress, weights, courtesy, links);
    }

    /** To be served to workers. */
    CopiesService copiesService() {
        return copiesService;
    }

    /** Of the first model. */
    WeightsCheck weightsCheck() {
        return hosts.getFirst().weightsCheck();
    }

    /** The first model. */
    ClusterModel model() {
        return hosts.getFirst().model();
    }

    HostedModels models() {
        return models;
    }

    ClusterStatus.Source status() {
        return status;
    }

    WorkerWishes wishes() {
        return hosts.getFirst().wishes();
    }

    /** To be served to the other coordinators. */
    LeaderServices leaderServices() {
        return leaderServices;
    }

    /** Lets another coordinator lead, if there is one; this one goes on answering. */
    void resign() {
        leadership.close();
    }

    ClusterMetrics metrics() {
        return metrics;
    }

    @Override
    public void close() {
        resources.close();
    }
}

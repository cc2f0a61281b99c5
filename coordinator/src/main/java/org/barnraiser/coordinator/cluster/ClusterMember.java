package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.apache.curator.framework.CuratorFramework;
import org.barnraiser.coordinator.follow.Follower;
import org.barnraiser.coordinator.lead.LeaderService;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.WeightsCheck;
import org.barnraiser.coordinator.model.WorkerWishes;
import org.barnraiser.coordinator.plan.QuickestPlanner;
import org.barnraiser.coordinator.schedule.Generations;
import org.barnraiser.coordinator.weights.CopiesService;
import org.barnraiser.coordinator.weights.Holdings;
import org.barnraiser.proto.CoordinatorRecord;
import org.barnraiser.trust.Links;

/** A coordinator's part in the cluster: registered, a candidate for leader, and the host of one model. */
final class ClusterMember implements AutoCloseable {
    /** A leader speaks each second; one that was stopped, or whose way here is cut, is noticed within this. */
    private static final Duration LEADER_SILENCE = Duration.ofMillis(2_500);

    private final Resources resources = new Resources();
    private final ClusterModel model;
    private final WorkerWishes wishes;
    private final LeaderService leaderService;
    private final Leadership leadership;
    private final ClusterMetrics metrics;
    private final CopiesService copiesService;
    private final WeightsCheck weightsCheck;

    private ClusterMember(CuratorFramework zooKeeper, ShardSource source, CoordinatorConfig config, String grpcAddress,
            LongSupplier servedBytes, Links links) throws ClusterException {
        PipelineSettings settings = config.pipeline().resolvedFor(source.trainedContextTokens());
        ModelDescription description = source.description(settings.contextTokens());
        ClusterTimings timings = config.timings();
        String id = UUID.randomUUID().toString();

        EventLoop loop = resources.add(new EventLoop("cluster"));
        WorkerChannels channels = resources.add(new WorkerChannels(links));
        Ticker ticker = Ticker.systemTicker();
        RollCall rollCall = new RollCall(channels, timings.rollCall(), links);
        Reachability reachability = new Reachability(channels, timings.rollCall());
        Holdings holdings = new Holdings(description.digest(), config.weights().origin().isEmpty());
        copiesService = new CopiesService(holdings);
        LoadRequests loads = new LoadRequests(source, settings, grpcAddress, holdings,
                LoadRequests.handedOut(config.weights().origin()));
        PlanDrafter drafter = new PlanDrafter(source, description, settings, config.stages(), config.aim(),
                new QuickestPlanner(), rollCall, reachability, new PlanStore(zooKeeper), loads);
        Generations generations = resources.add(new Generations(settings.generationLimits(config.patience())));
        Takeovers takeovers = new Takeovers(ticker);
        ModelLifecycle lifecycle = resources.add(new ModelLifecycle(loop,
                new ModelLifecycle.Tools(drafter, rollCall, reachability, loads, channels, settings, ticker, holdings,
                        config.weights().copies()),
                timings,
                config.minWorkers(), generations, takeovers));
        Follower follower = resources.add(new Follower(links, description, generations, LEADER_SILENCE));
        Allegiance allegiance = new Allegiance(id, follower, loop);
        model = new ClusterModel(description, lifecycle, follower, generations,
                new StatusReport(description, lifecycle, generations, takeovers, allegiance, config.weights().copies()),
                channels,
                timings.call());
        allegiance.start();
        leaderService = resources.add(
                new LeaderService(new LeadingModel(id, lifecycle, model::clusterStatus), description));
        lifecycle.onChange(() -> {
            if (follower.hasServed()) {
                lifecycle.onServedElsewhere();
            }
            allegiance.onPhase(lifecycle.view().phase());
            leaderService.announce();
        });
        metrics = new ClusterMetrics(takeovers, model, new WeightsMetrics(lifecycle, servedBytes),
                new MachineMetrics(lifecycle), lifecycle.upkeep().rates()::drafts);
        weightsCheck = new WorkerExaminations(lifecycle, loads, channels, description.digest());
        wishes = new WorkerCalls(model, channels, timings.call());

        CoordinatorRecord self = CoordinatorRecord.newBuilder()
                .setCoordinatorId(id)
                .setHttpAddress(config.httpAddress())
                .setGrpcAddress(grpcAddress)
                .setPid(ProcessHandle.current().pid())
                .build();
        resources.add(new CoordinatorRegistration(zooKeeper, self)).start();
        resources.add(new CoordinatorMembership(zooKeeper, loop, allegiance::onCoordinators)).start();
        resources.add(new WorkerMembership(zooKeeper, loop, timings.settle(), lifecycle::onWorkers)).start();
        leadership = resources.add(new Leadership(zooKeeper, id, loop, lifecycle::onLeadership));
        try {
            leadership.start();
        } catch (ClusterException e) {
            close();
            throw e;
        }
    }

    /**
     * Joins the cluster; returns before the model is ready.
     *
     * @param grpcAddress {@code host:port} from which workers fetch weights
     * @param servedBytes how many of them they have fetched there
     * @param links by which workers and other coordinators are reached
     */
    static ClusterMember join(CuratorFramework zooKeeper, ShardSource source, CoordinatorConfig config,
            String grpcAddress, LongSupplier servedBytes, Links links)
            throws ClusterException {
        return new ClusterMember(zooKeeper, source, config, grpcAddress, servedBytes, links);
    }

    /** To be served to workers. */
    CopiesService copiesService() {
        return copiesService;
    }

    WeightsCheck weightsCheck() {
        return weightsCheck;
    }

    ClusterModel model() {
        return model;
    }

    WorkerWishes wishes() {
        return wishes;
    }

    /** To be served to the other coordinators. */
    LeaderService leaderService() {
        return leaderService;
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

package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import java.util.UUID;
import org.apache.curator.framework.CuratorFramework;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.WorkerWishes;
import org.barnraiser.coordinator.plan.ProportionalPlanner;
import org.barnraiser.coordinator.schedule.Generations;
import org.barnraiser.proto.CoordinatorRecord;

/** A coordinator's part in the cluster: registered, a candidate for leader, and the host of one model. */
final class ClusterMember implements AutoCloseable {
    private final Resources resources = new Resources();
    private final ClusterModel model;
    private final ClusterMetrics metrics;
    private final WorkerWishes wishes;

    private ClusterMember(CuratorFramework zooKeeper, ShardSource source, CoordinatorConfig config, String grpcAddress)
            throws ClusterException {
        PipelineSettings settings = config.pipeline().resolvedFor(source.trainedContextTokens());
        ModelDescription description = source.description(settings.contextTokens());
        ClusterTimings timings = config.timings();
        String id = UUID.randomUUID().toString();

        EventLoop loop = resources.add(new EventLoop("cluster"));
        WorkerChannels channels = resources.add(new WorkerChannels());
        Ticker ticker = Ticker.systemTicker();
        RollCall rollCall = new RollCall(channels, timings.rollCall());
        Reachability reachability = new Reachability(channels, timings.rollCall());
        LoadRequests loads = new LoadRequests(source, settings, grpcAddress);
        PlanDrafter drafter = new PlanDrafter(source, description, settings, config.stages(),
                new ProportionalPlanner(), rollCall, reachability, new PlanStore(zooKeeper), loads);
        Generations generations = resources.add(new Generations(settings.generationLimits(config.patience())));
        Takeovers takeovers = new Takeovers(ticker);
        ModelLifecycle lifecycle = resources.add(new ModelLifecycle(loop,
                new ModelLifecycle.Tools(drafter, rollCall, reachability, loads, channels, settings, ticker), timings,
                config.minWorkers(), generations, takeovers));
        model = new ClusterModel(description, lifecycle, generations,
                new StatusReport(description, lifecycle, generations, takeovers), channels, timings.call());
        metrics = new ClusterMetrics(takeovers, model);
        wishes = new WorkerCalls(model, channels, timings.call());

        CoordinatorRecord self = CoordinatorRecord.newBuilder()
                .setCoordinatorId(id)
                .setHttpAddress(config.httpAddress())
                .setGrpcAddress(grpcAddress)
                .setPid(ProcessHandle.current().pid())
                .build();
        resources.add(new CoordinatorRegistration(zooKeeper, self)).start();
        resources.add(new WorkerMembership(zooKeeper, loop, timings.settle(), lifecycle::onWorkers)).start();
        try {
            resources.add(new Leadership(zooKeeper, id, loop, lifecycle::onLeadership)).start();
        } catch (ClusterException e) {
            close();
            throw e;
        }
    }

    /**
     * Joins the cluster; returns before the model is ready.
     *
     * @param grpcAddress {@code host:port} from which workers fetch weights
     */
    static ClusterMember join(CuratorFramework zooKeeper, ShardSource source, CoordinatorConfig config,
            String grpcAddress)
            throws ClusterException {
        return new ClusterMember(zooKeeper, source, config, grpcAddress);
    }

    ClusterModel model() {
        return model;
    }

    ClusterMetrics metrics() {
        return metrics;
    }

    WorkerWishes wishes() {
        return wishes;
    }

    @Override
    public void close() {
        resources.close();
    }
}

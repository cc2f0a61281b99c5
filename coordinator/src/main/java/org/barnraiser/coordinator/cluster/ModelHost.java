package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import java.time.Duration;
import org.barnraiser.coordinator.follow.Follower;
import org.barnraiser.coordinator.lead.LeaderService;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.WeightsCheck;
import org.barnraiser.coordinator.model.WorkerWishes;
import org.barnraiser.coordinator.plan.QuickestPlanner;
import org.barnraiser.coordinator.schedule.Generations;
import org.barnraiser.coordinator.weights.Holdings;
import org.barnraiser.proto.WorkerRecord;
import org.barnraiser.trust.Links;

/**
 * All that a coordinator has for one of the models it hosts: its life, its connections to workers, and whom it follows while another one
 * leads. What happens to one model changes nothing for the next, but for the memory that they share.
 */
final class ModelHost implements AutoCloseable {
    /** A leader speaks each second; one that was stopped, or whose way here is cut, is noticed within this. */
    private static final Duration LEADER_SILENCE = Duration.ofMillis(2_500);

    private final Resources resources = new Resources();
    private final ModelDescription description;
    private final Holdings holdings;
    private final ModelLifecycle lifecycle;
    private final Allegiance allegiance;
    private final ClusterModel model;
    private final LeaderService leaderService;
    private final ModelMetrics metrics;
    private final WeightsCheck weightsCheck;
    private final WorkerWishes wishes;

    /**
     * What all models of a coordinator have in common.
     *
     * @param coordinatorId of this coordinator
     * @param loop on which everything is decided
     * @param grpcAddress {@code host:port} from which workers fetch weights
     * @param line of this coordinator
     */
    record Site(String coordinatorId, EventLoop loop, CoordinatorConfig config, String grpcAddress, Links links,
            PlanStore plans, SharedMemory memory, OwnLine line) {}

    ModelHost(Site site, OpenModel open) {
        CoordinatorConfig config = site.config();
        PipelineSettings settings = config.pipeline().resolvedFor(open.source().trainedContextTokens());
        description = open.description(settings);
        ClusterTimings timings = config.timings();

        WorkerChannels channels = resources.add(new WorkerChannels(site.links()));
        Ticker ticker = Ticker.systemTicker();
        RoundTrips trips = new RoundTrips();
        RollCall rollCall = new RollCall(channels, trips, timings.rollCall());
        Reachability reachability = new Reachability(channels, timings.rollCall());
        holdings = new Holdings(description.digest(), open.origin().isEmpty());
        LoadRequests loads = new LoadRequests(open.source(), settings, site.grpcAddress(), holdings,
                LoadRequests.handedOut(open.origin()));
        PlanDrafter drafter = new PlanDrafter(open.source(), description, settings, config.stages(), config.aim(),
                new QuickestPlanner(), rollCall, reachability, site.plans(), loads, site.memory());
        Generations generations = resources.add(new Generations(settings.generationLimits(config.patience())));
        Takeovers takeovers = new Takeovers(ticker);
        lifecycle = resources.add(new ModelLifecycle(site.loop(),
                new ModelLifecycle.Tools(drafter, rollCall, trips, site.line(), reachability, loads, channels, settings,
                        ticker,
                        holdings,
                        config.weights().copies(),
                        new DraftCare(open.draft(), new DraftCare.Tools(settings, site.grpcAddress(), channels,
                                timings.loadStall(), new Unloader(channels, timings.call()), site.line()))),
                timings, config.minWorkers(), generations, takeovers));
        Follower follower = resources.add(new Follower(site.links(), description, generations, LEADER_SILENCE));
        allegiance = new Allegiance(site.coordinatorId(), follower, site.loop());
        model = new ClusterModel(description, lifecycle, follower, generations,
                new StatusReport(description, lifecycle, generations, takeovers, allegiance, config.weights().copies(),
                        channels::way),
                channels, timings.call());
        allegiance.start();
        leaderService = resources.add(
                new LeaderService(new LeadingModel(site.coordinatorId(), lifecycle, model::clusterStatus),
                        description));
        lifecycle.onChange(() -> {
            if (follower.hasServed()) {
                lifecycle.onServedElsewhere();
            }
            allegiance.onPhase(lifecycle.view().phase());
            leaderService.announce();
        });
        metrics = new ModelMetrics(takeovers, model, lifecycle);
        weightsCheck = new WorkerExaminations(lifecycle, loads, channels, description.digest());
        wishes = new WorkerCalls(() -> lifecycle.view().workers(), channels, timings.call());
    }

    String digest() {
        return description.digest();
    }

    Holdings holdings() {
        return holdings;
    }

    ClusterModel model() {
        return model;
    }

    ModelLifecycle lifecycle() {
        return lifecycle;
    }

    ModelMetrics metrics() {
        return metrics;
    }

    /** For the other coordinators. */
    LeaderService leaderService() {
        return leaderService;
    }

    WeightsCheck weightsCheck() {
        return weightsCheck;
    }

    WorkerWishes wishes() {
        return wishes;
    }

    /** The registered workers have changed; on the event loop. */
    void onWorkers(ImmutableList<WorkerRecord> workers) {
        lifecycle.onWorkers(workers);
    }

    /** Leadership was won or lost; on the event loop. */
    void onLeadership(boolean leads) {
        lifecycle.onLeadership(leads);
    }

    /** Who coordinates has changed; on the event loop. */
    void onCoordinators(CoordinatorMembership.View view) {
        allegiance.onCoordinators(view);
    }

    /** Ends every generation of the model; the workers keep what they have loaded. */
    @Override
    public void close() {
        resources.close();
    }
}

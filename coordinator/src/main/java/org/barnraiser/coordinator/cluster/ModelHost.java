package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.stream.IntStream;
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

import static com.google.common.collect.ImmutableList.toImmutableList;

/**
 * All that a coordinator has for one of the models it hosts: its pipelines, its connections to workers, and whom it follows while another one
 * leads. What happens to one model changes nothing for the next, but for the memory that they share.
 */
final class ModelHost implements AutoCloseable {
    /** A leader speaks each second; one that was stopped, or whose way here is cut, is noticed within this. */
    private static final Duration LEADER_SILENCE = Duration.ofMillis(2_500);

    private final Resources resources = new Resources();
    private final ModelDescription description;
    private final Holdings holdings;
    private final Replicas replicas;
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
        Takeovers takeovers = new Takeovers(Ticker.systemTicker());

        holdings = new Holdings(description.digest(), open.origin().isEmpty());
        LoadRequests loads = new LoadRequests(open.source(), settings, site.grpcAddress(), holdings,
                LoadRequests.handedOut(open.origin()));
        Generations generations = resources
                .add(new Generations(settings.generationLimits(config.patience(), config.pipelines())));
        replicas = new Replicas(site.loop());
        replicas.set(keys(open, config).stream()
                .map(key -> new ModelLifecycle(site.loop(), tools(key, site, open, settings, loads), timings,
                        key.index() == 0 ? config.minWorkers() : 1, generations, takeovers))
                .map(resources::add).collect(toImmutableList()));
        Follower follower = resources.add(new Follower(site.links(), description, generations, LEADER_SILENCE));
        allegiance = new Allegiance(site.coordinatorId(), follower, site.loop());
        model = new ClusterModel(description, replicas, follower, generations,
                new StatusReport(description, replicas, generations, takeovers, allegiance, config.weights().copies()),
                timings.call());
        allegiance.start();
        leaderService = resources.add(
                new LeaderService(new LeadingModel(site.coordinatorId(), replicas, generations, model::clusterStatus),
                        description));
        replicas.all().forEach(lifecycle -> lifecycle.onChange(() -> {
            if (follower.hasServed()) {
                lifecycle.onServedElsewhere();
            }
            replicas.onChange();
            allegiance.onPhase(replicas.spokesman().view().phase());
            leaderService.announce();
        }));
        metrics = new ModelMetrics(takeovers, model, replicas);
        weightsCheck = new WorkerExaminations(replicas, loads, description.digest());
        wishes = new WorkerCalls(() -> lifecycle().view().workers(), worker -> replicas.of(worker).channels(),
                timings.call());
    }

    /** The pipelines that a model is to have. */
    static ImmutableList<PipelineKey> keys(OpenModel open, CoordinatorConfig config) {
        String digest = open.source().description(1).digest();
        return IntStream.range(0, config.pipelines()).mapToObj(index -> new PipelineKey(digest, index))
                .collect(toImmutableList());
    }

    /** Each pipeline has connections of its own, as it closes those to workers that it needs no more. */
    private ModelLifecycle.Tools tools(PipelineKey key, Site site, OpenModel open, PipelineSettings settings,
            LoadRequests loads) {
        CoordinatorConfig config = site.config();
        ClusterTimings timings = config.timings();
        WorkerChannels channels = resources.add(new WorkerChannels(site.links()));
        RoundTrips trips = new RoundTrips();
        RollCall rollCall = new RollCall(channels, trips, timings.rollCall());
        Reachability reachability = new Reachability(channels, timings.rollCall());
        PlanDrafter drafter = new PlanDrafter(open.source(), description, key, settings, config.stages(), config.aim(),
                new QuickestPlanner(), rollCall, reachability, site.plans(), loads, site.memory());
        return new ModelLifecycle.Tools(key, () -> replicas.elsewhere(key.index()), () -> replicas.isSpare(key.index()),
                drafter, rollCall, trips,
                site.line(), reachability, loads, channels, settings, Ticker.systemTicker(), holdings,
                // One of them sees to it for all.
                key.index() == 0 ? config.weights().copies() : 1,
                new DraftCare(open.draft(), new DraftCare.Tools(settings, site.grpcAddress(), channels,
                        timings.loadStall(), new Unloader(channels, timings.call()), site.line())));
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

    /** Of the first pipeline; the others hear the same of machines. */
    ModelLifecycle lifecycle() {
        return replicas.all().getFirst();
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
        replicas.onWorkers(workers);
    }

    /** Leadership was won or lost; on the event loop. */
    void onLeadership(boolean leads) {
        replicas.onLeadership(leads);
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

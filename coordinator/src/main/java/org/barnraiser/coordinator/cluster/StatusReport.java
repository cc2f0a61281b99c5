package org.barnraiser.coordinator.cluster;

import com.google.common.base.CharMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.cluster.Phase.Ready;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.schedule.GenerationStatistics;
import org.barnraiser.coordinator.schedule.Generations;
import org.barnraiser.proto.Beat;
import org.barnraiser.proto.CacheType;
import org.barnraiser.proto.EngineRecord;
import org.barnraiser.proto.MachineBeat;
import org.barnraiser.proto.Wish;
import org.barnraiser.proto.WorkerRecord;

import static com.google.common.collect.ImmutableList.toImmutableList;

/** Puts into words and numbers what the cluster is doing now. Never blocks; from any thread. */
final class StatusReport {
    private static final int MAX_TROUBLES = 8;
    private static final int MAX_SAID = 300;

    private final ModelDescription model;
    private final Replicas replicas;
    private final Generations generations;
    private final Takeovers takeovers;
    private final Allegiance allegiance;
    private final int copiesWanted;

    StatusReport(ModelDescription model, Replicas replicas, Generations generations,
            Takeovers takeovers, Allegiance allegiance, int copiesWanted) {
        this.model = model;
        this.replicas = replicas;
        this.generations = generations;
        this.takeovers = takeovers;
        this.allegiance = allegiance;
        this.copiesWanted = copiesWanted;
    }

    /** @param readiness of the model, as readers are told */
    ClusterStatus now(Readiness readiness) {
        LifecycleView view = replicas.spokesman().view();
        String reason = readiness instanceof Readiness.NotReady(String words, _, _) ? words : "";
        return new ClusterStatus(
                new ClusterStatus.Model(model.name(), model.digest(), reason.isEmpty(), reason),
                plan(), view.workers().stream().map(this::worker).collect(toImmutableList()),
                allegiance.coordinators(), activity(), troubles(view.workers(), reason), weights());
    }

    private ClusterStatus.Weights weights() {
        return replicas.spokesman().upkeep().copies()
                .map(state -> new ClusterStatus.Weights(copiesWanted, state.copies(), state.tensor()))
                .orElse(new ClusterStatus.Weights(copiesWanted, 0, ""));
    }

    private ClusterStatus.Plan plan() {
        List<PipelineReport> running = replicas.all().stream()
                .flatMap(lifecycle -> PipelineReport.of(lifecycle).stream()).toList();
        return running.isEmpty()
                ? new ClusterStatus.Plan(0, List.of())
                : new ClusterStatus.Plan(running.getFirst().epoch(),
                        running.stream().map(PipelineReport::pipeline).collect(toImmutableList()),
                        running.stream().map(PipelineReport::estimate).reduce(ClusterStatus.Estimate::beside)
                                .orElseThrow());
    }

    private ClusterStatus.Disk disk(WorkerRecord worker) {
        MachineBeat now = replicas.of(worker).vitals().beat(worker.getIncarnationId()).map(Beat::getMachine)
                .orElse(MachineBeat.getDefaultInstance());
        return new ClusterStatus.Disk(
                now.getDiskSizeBytes() > 0 ? now.getDiskFreeBytes() : worker.getDiskFreeBytes(),
                now.getDiskSizeBytes(), Math.max(0, worker.getSpeed().getDiskBytesPerSecond()),
                Math.max(0, worker.getSpeed().getDiskWriteBytesPerSecond()));
    }

    private ClusterStatus.Worker worker(WorkerRecord worker) {
        ModelLifecycle lifecycle = replicas.of(worker);
        return new ClusterStatus.Worker(worker.getWorkerId(), Addresses.shown(worker.getAddress()), worker.getPid(),
                worker.getEngine().getBuild(), worker.getUsableMemoryBytes(), worker.getLabelsMap(),
                worker.getHostName(), state(worker, lifecycle.view().phase().rollout()), note(worker, lifecycle),
                engineReason(worker.getEngine()),
                new ClusterStatus.Speed(worker.getSpeed().getDecodeBytesPerSecond(),
                        worker.getSpeed().getPrefillOperationsPerSecond(), worker.getSpeed().getStepSeconds()),
                lifecycle.channels().way(worker), disk(worker));
    }

    private static String engineReason(EngineRecord engine) {
        return (engine.getReason() + (engine.getCacheType() == CacheType.CACHE_TYPE_Q8_0
                ? " Its KV cache is q8_0."
                : "")).strip();
    }

    private String state(WorkerRecord worker, Optional<Rollout> rollout) {
        boolean runs = rollout.isPresent() && rollout.get().uses(worker.getIncarnationId());
        if (worker.getWish() != Wish.WISH_LEND) {
            return runs ? "leaving" : "away";
        }
        if (runs) {
            return "stage";
        }
        return replicas.rollouts().isEmpty() ? "idle" : "stand-by";
    }

    private static String note(WorkerRecord worker, ModelLifecycle lifecycle) {
        String incarnation = worker.getIncarnationId();
        if (lifecycle.vitals().isSilent(incarnation)) {
            return "It gives no sign of life.";
        }
        if (!worker.getWishReason().isEmpty()) {
            return worker.getWishReason();
        }
        String avoided = lifecycle.view().avoided().get(incarnation);
        return avoided != null
                ? avoided
                : lifecycle.upkeep().note(incarnation).or(() -> slowLink(incarnation, lifecycle)).orElse("");
    }

    private static Optional<String> slowLink(String incarnation, ModelLifecycle lifecycle) {
        return lifecycle.view().phase().rollout().flatMap(rollout -> SlowLinks.note(rollout, incarnation,
                lifecycle.links(), lifecycle.upkeep().rates().snapshot().aloneTokensPerSecond()));
    }

    private ClusterStatus.Activity activity() {
        GenerationStatistics answers = generations.statistics();
        return replicas.all().stream().map(StatusReport::activity).reduce(new ClusterStatus.Activity(0, 0,
                answers.paused(), 0, answers.generatedTokensTotal(), takeovers.count()), ClusterStatus.Activity::plus);
    }

    private static ClusterStatus.Activity activity(ModelLifecycle lifecycle) {
        double tokensPerSecond = lifecycle.upkeep().rates().snapshot().tokensPerSecond();
        return lifecycle.view().phase() instanceof Ready(_, _, var pipeline)
                ? new ClusterStatus.Activity(pipeline.statistics().running(), pipeline.statistics().waiting(), 0,
                        tokensPerSecond, 0, 0)
                : new ClusterStatus.Activity(0, 0, 0, tokensPerSecond, 0, 0);
    }

    private List<String> troubles(List<WorkerRecord> workers, String notReady) {
        List<String> troubles = new ArrayList<>();
        if (!notReady.isEmpty()) {
            troubles.add(notReady);
        }
        replicas.all().stream().map(lifecycle -> lifecycle.upkeep().trouble()).filter(trouble -> !trouble.isEmpty())
                .forEach(troubles::add);
        replicas.spokesman().upkeep().copies().filter(state -> !state.hindrance().isEmpty())
                .ifPresent(state -> troubles.add("Of tensor " + state.tensor() + " there "
                        + (state.copies() == 1 ? "is 1 copy" : "are " + state.copies() + " copies") + ", "
                        + copiesWanted + " are wanted: " + state.hindrance()));
        for (WorkerRecord worker : workers) {
            ModelLifecycle lifecycle = replicas.of(worker);
            lifecycle.vitals().beat(worker.getIncarnationId()).stream()
                    .flatMap(beat -> beat.getPieces().getTroublesList().stream()).limit(MAX_TROUBLES)
                    .forEach(trouble -> troubles.add("Worker " + worker.getWorkerId() + " says: " + plain(trouble)));
            String avoided = lifecycle.view().avoided().get(worker.getIncarnationId());
            if (lifecycle.vitals().isSilent(worker.getIncarnationId())) {
                troubles.add("Worker " + worker.getWorkerId() + " gives no sign of life.");
            } else if (avoided != null) {
                troubles.add(avoided);
            }
        }
        return List.copyOf(troubles);
    }

    /** What a worker says is shown to people, and so must be one line of bearable length. */
    static String plain(String said) {
        return CharMatcher.javaIsoControl().removeFrom(said.substring(0, Math.min(said.length(), MAX_SAID)));
    }
}

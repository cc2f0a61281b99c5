package org.barnraiser.coordinator.cluster;

import com.google.common.base.CharMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.cluster.Phase.Ready;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.plan.Hop;
import org.barnraiser.coordinator.plan.Link;
import org.barnraiser.coordinator.schedule.GenerationStatistics;
import org.barnraiser.coordinator.schedule.Generations;
import org.barnraiser.coordinator.schedule.PipelineStatistics;
import org.barnraiser.proto.Beat;
import org.barnraiser.proto.CacheType;
import org.barnraiser.proto.EngineRecord;
import org.barnraiser.proto.EstimateRecord;
import org.barnraiser.proto.MachineBeat;
import org.barnraiser.proto.StageRecord;
import org.barnraiser.proto.Wish;
import org.barnraiser.proto.WorkerRecord;

import static com.google.common.collect.ImmutableList.toImmutableList;

/** Puts into words and numbers what the cluster is doing now. Never blocks; from any thread. */
final class StatusReport {
    private static final int MAX_TROUBLES = 8;
    private static final int MAX_SAID = 300;

    private final ModelDescription model;
    private final ModelLifecycle lifecycle;
    private final Generations generations;
    private final Takeovers takeovers;
    private final Allegiance allegiance;
    private final int copiesWanted;
    private final Function<WorkerRecord, String> links;

    /** @param links how a worker is reached from here, in words */
    StatusReport(ModelDescription model, ModelLifecycle lifecycle, Generations generations,
            Takeovers takeovers, Allegiance allegiance, int copiesWanted,
            Function<WorkerRecord, String> links) {
        this.model = model;
        this.lifecycle = lifecycle;
        this.generations = generations;
        this.takeovers = takeovers;
        this.allegiance = allegiance;
        this.copiesWanted = copiesWanted;
        this.links = links;
    }

    /** @param readiness of the model, as readers are told */
    ClusterStatus now(Readiness readiness) {
        LifecycleView view = lifecycle.view();
        String reason = readiness instanceof Readiness.NotReady(String words, _, _) ? words : "";
        return new ClusterStatus(
                new ClusterStatus.Model(model.name(), model.digest(), reason.isEmpty(), reason),
                view.phase().rollout().map(this::plan).orElse(new ClusterStatus.Plan(0, List.of())),
                view.workers().stream().map(worker -> worker(worker, view)).collect(toImmutableList()),
                allegiance.coordinators(), activity(view.phase()), troubles(view, reason), weights());
    }

    private ClusterStatus.Weights weights() {
        return lifecycle.upkeep().copies()
                .map(state -> new ClusterStatus.Weights(copiesWanted, state.copies(), state.tensor()))
                .orElse(new ClusterStatus.Weights(copiesWanted, 0, ""));
    }

    private ClusterStatus.Plan plan(Rollout rollout) {
        List<StageRecord> records = rollout.plan().getPipelines(0).getStagesList();
        Rates.Snapshot rates = lifecycle.upkeep().rates().snapshot();
        List<ClusterStatus.Stage> stages = IntStream.range(0, rollout.stages().size()).mapToObj(index -> {
            Rollout.Stage stage = rollout.stages().get(index);
            Rates.Stage rate = rates.stage(index);
            return new ClusterStatus.Stage(stage.worker().getWorkerId(), stage.layers().first(),
                    stage.layers().last(), stage.worker().getPid(), Addresses.shown(stage.worker().getAddress()),
                    records.get(index).getMemoryBytes(), rate.busyShare(), rate.stepMillis(),
                    records.get(index).getTokenSeconds() * 1e3, rate.done(), way(rollout, index));
        }).collect(toImmutableList());
        return new ClusterStatus.Plan(rollout.epoch(), List.of(new ClusterStatus.Pipeline(stages)),
                estimate(rollout.plan().getEstimate(), rates.aloneTokensPerSecond()));
    }

    private ClusterStatus.Way way(Rollout rollout, int index) {
        if (index + 1 == rollout.stages().size()) {
            return ClusterStatus.Way.UNKNOWN;
        }
        String kind = wayFrom(rollout.stages().get(index).worker(), rollout);
        Link link = lifecycle.links().known().get(new Hop(rollout.stages().get(index).worker().getIncarnationId(),
                rollout.stages().get(index + 1).worker().getIncarnationId()));
        return link == null
                ? new ClusterStatus.Way(0, 0, kind)
                : new ClusterStatus.Way(2e3 * link.seconds(), link.bytesPerSecond(), kind);
    }

    /** As the worker itself says. */
    private String wayFrom(WorkerRecord worker, Rollout rollout) {
        return lifecycle.vitals().beat(worker.getIncarnationId()).stream()
                .flatMap(beat -> beat.getStagesList().stream())
                .filter(stage -> stage.getPipelineId().equals(rollout.pipelineId())).findFirst()
                .map(stage -> plain(stage.getNextWay())).orElse("");
    }

    private static ClusterStatus.Estimate estimate(EstimateRecord expected, double measuredTokensPerSecond) {
        return new ClusterStatus.Estimate(
                expected.getTokenSeconds() > 0 ? 1 / expected.getTokenSeconds() : 0, measuredTokensPerSecond,
                expected.getFirstTokenSeconds() * 1e3, expected.getReaders(), expected.getReadersTokensPerSecond(),
                expected.getLoadSeconds());
    }

    private ClusterStatus.Disk disk(WorkerRecord worker) {
        MachineBeat now = lifecycle.vitals().beat(worker.getIncarnationId()).map(Beat::getMachine)
                .orElse(MachineBeat.getDefaultInstance());
        return new ClusterStatus.Disk(
                now.getDiskSizeBytes() > 0 ? now.getDiskFreeBytes() : worker.getDiskFreeBytes(),
                now.getDiskSizeBytes(), Math.max(0, worker.getSpeed().getDiskBytesPerSecond()),
                Math.max(0, worker.getSpeed().getDiskWriteBytesPerSecond()));
    }

    private ClusterStatus.Worker worker(WorkerRecord worker, LifecycleView view) {
        return new ClusterStatus.Worker(worker.getWorkerId(), Addresses.shown(worker.getAddress()), worker.getPid(),
                worker.getEngine().getBuild(), worker.getUsableMemoryBytes(), worker.getLabelsMap(),
                worker.getHostName(), state(worker, view.phase().rollout()), note(worker, view),
                engineReason(worker.getEngine()),
                new ClusterStatus.Speed(worker.getSpeed().getDecodeBytesPerSecond(),
                        worker.getSpeed().getPrefillOperationsPerSecond(), worker.getSpeed().getStepSeconds()),
                links.apply(worker), disk(worker));
    }

    private static String engineReason(EngineRecord engine) {
        return (engine.getReason() + (engine.getCacheType() == CacheType.CACHE_TYPE_Q8_0
                ? " Its KV cache is q8_0."
                : "")).strip();
    }

    private static String state(WorkerRecord worker, Optional<Rollout> rollout) {
        boolean runs = rollout.isPresent() && rollout.get().uses(worker.getIncarnationId());
        if (worker.getWish() != Wish.WISH_LEND) {
            return runs ? "leaving" : "away";
        }
        if (runs) {
            return "stage";
        }
        return rollout.isPresent() ? "stand-by" : "idle";
    }

    private String note(WorkerRecord worker, LifecycleView view) {
        String incarnation = worker.getIncarnationId();
        if (lifecycle.vitals().isSilent(incarnation)) {
            return "It gives no sign of life.";
        }
        if (!worker.getWishReason().isEmpty()) {
            return worker.getWishReason();
        }
        String avoided = view.avoided().get(incarnation);
        return avoided != null
                ? avoided
                : lifecycle.upkeep().note(incarnation).or(() -> slowLink(incarnation, view)).orElse("");
    }

    private Optional<String> slowLink(String incarnation, LifecycleView view) {
        return view.phase().rollout().flatMap(rollout -> SlowLinks.note(rollout, incarnation, lifecycle.links(),
                lifecycle.upkeep().rates().snapshot().aloneTokensPerSecond()));
    }

    private ClusterStatus.Activity activity(Phase phase) {
        Rates.Snapshot rates = lifecycle.upkeep().rates().snapshot();
        GenerationStatistics answers = generations.statistics();
        PipelineStatistics now = phase instanceof Ready(_, _, var pipeline) ? pipeline.statistics() : null;
        return new ClusterStatus.Activity(now == null ? 0 : now.running(), now == null ? 0 : now.waiting(),
                answers.paused(),
                rates.tokensPerSecond(), answers.generatedTokensTotal(), takeovers.count());
    }

    private List<String> troubles(LifecycleView view, String notReady) {
        List<String> troubles = new ArrayList<>();
        if (!notReady.isEmpty()) {
            troubles.add(notReady);
        }
        String leaving = lifecycle.upkeep().trouble();
        if (!leaving.isEmpty()) {
            troubles.add(leaving);
        }
        lifecycle.upkeep().copies().filter(state -> !state.hindrance().isEmpty())
                .ifPresent(state -> troubles.add("Of tensor " + state.tensor() + " there "
                        + (state.copies() == 1 ? "is 1 copy" : "are " + state.copies() + " copies") + ", "
                        + copiesWanted + " are wanted: " + state.hindrance()));
        for (WorkerRecord worker : view.workers()) {
            lifecycle.vitals().beat(worker.getIncarnationId()).stream()
                    .flatMap(beat -> beat.getPieces().getTroublesList().stream()).limit(MAX_TROUBLES)
                    .forEach(trouble -> troubles.add("Worker " + worker.getWorkerId() + " says: " + plain(trouble)));
            String avoided = view.avoided().get(worker.getIncarnationId());
            if (lifecycle.vitals().isSilent(worker.getIncarnationId())) {
                troubles.add("Worker " + worker.getWorkerId() + " gives no sign of life.");
            } else if (avoided != null) {
                troubles.add(avoided);
            }
        }
        return List.copyOf(troubles);
    }

    /** What a worker says is shown to people, and so must be one line of bearable length. */
    private static String plain(String said) {
        return CharMatcher.javaIsoControl().removeFrom(said.substring(0, Math.min(said.length(), MAX_SAID)));
    }
}

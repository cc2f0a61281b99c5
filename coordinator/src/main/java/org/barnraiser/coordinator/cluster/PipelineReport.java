package org.barnraiser.coordinator.cluster;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.plan.Hop;
import org.barnraiser.coordinator.plan.Link;
import org.barnraiser.proto.EstimateRecord;
import org.barnraiser.proto.StageRecord;
import org.barnraiser.proto.WorkerRecord;

import static com.google.common.collect.ImmutableList.toImmutableList;

/** Puts into numbers what one pipeline is doing now. Never blocks; from any thread. */
record PipelineReport(ModelLifecycle lifecycle, Rollout rollout) {

    /** Empty while no plan is carried out. */
    static Optional<PipelineReport> of(ModelLifecycle lifecycle) {
        return lifecycle.view().phase().rollout().map(rollout -> new PipelineReport(lifecycle, rollout));
    }

    long epoch() {
        return rollout.epoch();
    }

    ClusterStatus.Pipeline pipeline() {
        List<StageRecord> records = rollout.plan().getPipelines(0).getStagesList();
        Rates.Snapshot rates = lifecycle.upkeep().rates().snapshot();
        return new ClusterStatus.Pipeline(lifecycle.number(), epoch(),
                IntStream.range(0, rollout.stages().size()).mapToObj(index -> {
                    Rollout.Stage stage = rollout.stages().get(index);
                    Rates.Stage rate = rates.stage(index);
                    return new ClusterStatus.Stage(stage.worker().getWorkerId(), stage.layers().first(),
                            stage.layers().last(), stage.worker().getPid(),
                            Addresses.shown(stage.worker().getAddress()),
                            records.get(index).getMemoryBytes(), rate.busyShare(), rate.stepMillis(),
                            records.get(index).getTokenSeconds() * 1e3, rate.done(), way(index));
                }).collect(toImmutableList()));
    }

    private ClusterStatus.Way way(int index) {
        if (index + 1 == rollout.stages().size()) {
            return ClusterStatus.Way.UNKNOWN;
        }
        String kind = wayFrom(rollout.stages().get(index).worker());
        Link link = lifecycle.links().known().get(new Hop(rollout.stages().get(index).worker().getIncarnationId(),
                rollout.stages().get(index + 1).worker().getIncarnationId()));
        return link == null
                ? new ClusterStatus.Way(0, 0, kind)
                : new ClusterStatus.Way(2e3 * link.seconds(), link.bytesPerSecond(), kind);
    }

    /** As the worker itself says. */
    private String wayFrom(WorkerRecord worker) {
        return lifecycle.vitals().beat(worker.getIncarnationId()).stream()
                .flatMap(beat -> beat.getStagesList().stream())
                .filter(stage -> stage.getPipelineId().equals(rollout.pipelineId())).findFirst()
                .map(stage -> StatusReport.plain(stage.getNextWay())).orElse("");
    }

    ClusterStatus.Estimate estimate() {
        EstimateRecord expected = rollout.plan().getEstimate();
        return new ClusterStatus.Estimate(expected.getTokenSeconds() > 0 ? 1 / expected.getTokenSeconds() : 0,
                lifecycle.upkeep().rates().snapshot().aloneTokensPerSecond(), expected.getFirstTokenSeconds() * 1e3,
                expected.getReaders(), expected.getReadersTokensPerSecond(), expected.getLoadSeconds());
    }
}

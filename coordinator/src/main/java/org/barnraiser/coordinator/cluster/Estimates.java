package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.barnraiser.coordinator.plan.Links;
import org.barnraiser.coordinator.plan.MachineOffer;
import org.barnraiser.coordinator.plan.ModelNeeds;
import org.barnraiser.coordinator.plan.Plan;
import org.barnraiser.coordinator.plan.PlannedStage;
import org.barnraiser.coordinator.plan.Speed;
import org.barnraiser.coordinator.plan.Timing;
import org.barnraiser.proto.EstimateRecord;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.SpeedRecord;
import org.barnraiser.proto.WorkerRecord;

import static com.google.common.collect.ImmutableList.toImmutableList;

/** What plans are expected to do, written down with them, so that it can be held against what they do. */
final class Estimates {
    private static final String TRUSTED = "trusted";
    private static final int QUESTION_TOKENS = 512;

    private final PipelineSettings settings;

    /** @param settings resolved for the model */
    Estimates(PipelineSettings settings) {
        this.settings = settings;
    }

    /**
     * What workers lend, as far as their records tell. Workers on one machine that compute with the same are equally fast: what they
     * measured differs by chance alone, and a plan must not follow chance.
     */
    static ImmutableList<MachineOffer> offers(List<WorkerRecord> workers) {
        return offers(workers, ImmutableMap.of());
    }

    /**
     * The same.
     *
     * @param taken bytes that others have of what a worker lends, by incarnation
     */
    static ImmutableList<MachineOffer> offers(List<WorkerRecord> workers, ImmutableMap<String, Long> taken) {
        return workers.stream().map(worker -> offer(worker, taken, speed(workers.stream()
                .filter(other -> other.equals(worker) || areAlike(worker, other))
                .map(other -> speed(other.getSpeed())).filter(Speed::isKnown).toList())))
                .collect(toImmutableList());
    }

    private static boolean areAlike(WorkerRecord one, WorkerRecord other) {
        return !one.getHostName().isEmpty() && one.getHostName().equals(other.getHostName())
                && one.getEngine().getLibraryPath().equals(other.getEngine().getLibraryPath())
                && one.getEngine().getThreads() == other.getEngine().getThreads()
                && devices(one).equals(devices(other));
    }

    private static List<String> devices(WorkerRecord worker) {
        return worker.getDevicesList().stream().map(device -> device.getKind() + device.getName()).toList();
    }

    private static Speed speed(List<Speed> known) {
        return known.isEmpty()
                ? Speed.UNKNOWN
                : new Speed(mean(known, Speed::bytesPerSecond), mean(known, Speed::operationsPerSecond),
                        mean(known, Speed::stepSeconds));
    }

    private static double mean(List<Speed> speeds, ToDoubleFunction<Speed> value) {
        return speeds.stream().mapToDouble(value).average().orElseThrow();
    }

    private static MachineOffer offer(WorkerRecord worker, ImmutableMap<String, Long> taken, Speed speed) {
        long left = worker.getUsableMemoryBytes() - taken.getOrDefault(worker.getIncarnationId(), 0L);
        return new MachineOffer(worker.getWorkerId(), worker.getIncarnationId(), worker.getAddress(),
                Math.max(0, left), speed, worker.getLabelsOrDefault(TRUSTED, "no").equals("yes"));
    }

    /** A record comes from outside: what cannot be is not known. */
    private static Speed speed(SpeedRecord record) {
        boolean sound = Double.isFinite(record.getDecodeBytesPerSecond())
                && Double.isFinite(record.getPrefillOperationsPerSecond()) && record.getDecodeBytesPerSecond() > 0
                && record.getPrefillOperationsPerSecond() > 0 && record.getStepSeconds() >= 0
                && record.getStepSeconds() < 1;
        return sound
                ? new Speed(record.getDecodeBytesPerSecond(), record.getPrefillOperationsPerSecond(),
                        record.getStepSeconds())
                : Speed.UNKNOWN;
    }

    /**
     * The same record, with what is expected of the plan where all its machines' speeds are known.
     *
     * @param workers the plan's, and maybe others
     */
    PlanRecord with(PlanRecord record, Plan plan, ModelNeeds needs, Links links, List<WorkerRecord> workers) {
        double loadSeconds = loadSeconds(plan, needs, workers);
        PlanRecord loaded = loadSeconds > 0
                ? record.toBuilder().setEstimate(EstimateRecord.newBuilder().setLoadSeconds(loadSeconds)).build()
                : record;
        return with(loaded, plan, needs, links);
    }

    /** Machines read at the same time, so the slowest counts; 0 when a disk's speed is not known. */
    private static double loadSeconds(Plan plan, ModelNeeds needs, List<WorkerRecord> workers) {
        double slowest = 0;
        for (PlannedStage stage : plan.stages()) {
            double rate = workers.stream()
                    .filter(worker -> worker.getIncarnationId().equals(stage.machine().incarnationId()))
                    .mapToDouble(worker -> worker.getSpeed().getDiskBytesPerSecond()).findFirst().orElse(0);
            if (!(rate > 0) || !Double.isFinite(rate)) {
                return 0;
            }
            slowest = Math.max(slowest, needs.weightBytes(stage.first(), stage.last()) / rate);
        }
        return slowest;
    }

    private PlanRecord with(PlanRecord record, Plan plan, ModelNeeds needs, Links links) {
        if (!plan.stages().stream().allMatch(stage -> stage.machine().speed().isKnown())) {
            return record;
        }
        Timing timing = Timing.of(needs, plan.stages(), links);
        PlanRecord.Builder estimated = record.toBuilder().setEstimate(record.getEstimate().toBuilder()
                .setTokenSeconds(timing.secondsPerToken())
                .setFirstTokenSeconds(timing.firstTokenSeconds(QUESTION_TOKENS, settings.maxStepTokens()))
                .setReaders(settings.slots())
                .setReadersTokensPerSecond(timing.tokensPerSecond(settings.slots())));
        for (int stage = 0; stage < plan.stages().size(); stage++) {
            estimated.getPipelinesBuilder(0).getStagesBuilder(stage).setTokenSeconds(timing.stageSeconds(stage, 1));
        }
        return estimated.build();
    }
}

package org.barnraiser.operator.reconcile;

import java.util.List;
import java.util.Optional;
import org.barnraiser.operator.reconcile.Observation.Pod;
import org.barnraiser.operator.watch.ClusterReport;

/** Brings workers to their newest template one at a time, such that no answer has to wait where that can be had. A pure function. */
final class Rolling {
    private Rolling() {}

    /** What to do next. */
    sealed interface Step {
        /** All are up to date. */
        record Done() implements Step {}

        /** Something has to settle first. */
        record Wait(String why) implements Step {}

        /** Delete this pod; it comes back with the newest template. */
        record Replace(Pod pod, String why) implements Step {}

        /** One more worker, for as long as this takes. */
        record Surge(String why) implements Step {}

        /** It would cost readers something, so it is not done. */
        record Held(String why) implements Step {}
    }

    /**
     * The next step.
     *
     * @param mayGrow whether the pools allow one worker more
     * @param interrupt whether readers may be made to wait
     */
    static Step next(Observation now, boolean mayGrow, boolean interrupt) {
        List<Pod> outdated = now.outdated();
        if (outdated.isEmpty()) {
            return new Step.Done();
        }
        Optional<Pod> broken = outdated.stream().filter(pod -> !pod.ready()).findFirst();
        if (broken.isPresent()) {
            return new Step.Replace(broken.get(), "it is not ready");
        }
        if (now.someWorkerLeaves()) {
            return new Step.Wait("A worker is leaving.");
        }
        if (now.workers().stream().anyMatch(pod -> !pod.ready() || !now.isRegistered(pod)) || now.report().isEmpty()) {
            return new Step.Wait("Not all workers are there yet.");
        }
        ClusterReport report = now.report().get();
        Optional<Pod> unused = outdated.stream().filter(pod -> !report.runsStage(pod.name())).findFirst();
        if (unused.isPresent()) {
            return new Step.Replace(unused.get(), "it runs nothing");
        }
        if (!report.ready() && report.isIdle()) {
            return new Step.Replace(outdated.getFirst(), "the model is not ready anyway");
        }
        Optional<Pod> movable = outdated.stream().filter(pod -> hasSpare(report, pod)).findFirst();
        if (movable.isPresent()) {
            return new Step.Replace(movable.get(), "a stand-by takes its stage");
        }
        if (report.isIdle()) {
            return new Step.Replace(outdated.getFirst(), "nobody is being answered");
        }
        if (mayGrow) {
            return new Step.Surge("A stage needs another worker while its own is replaced.");
        }
        if (interrupt) {
            return new Step.Replace(outdated.getFirst(), "readers may be made to wait");
        }
        return new Step.Held("Worker " + outdated.getFirst().name()
                + " runs a stage that no other worker has room for, and "
                + report.running() + " answers are running. It is replaced when nobody is being answered; a greater"
                + " maxReplicas, or upgrade.withoutSpare: Interrupt, does it now.");
    }

    private static boolean hasSpare(ClusterReport report, Pod pod) {
        long needed = report.stages().stream().filter(stage -> stage.worker().equals(pod.name()))
                .mapToLong(ClusterReport.Stage::memoryBytes).sum();
        return report.ready() && report.workers().stream()
                .anyMatch(worker -> worker.isStandby() && !worker.isSilent() && worker.usableMemoryBytes() >= needed);
    }
}

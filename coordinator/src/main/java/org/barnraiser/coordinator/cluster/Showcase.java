package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import org.barnraiser.coordinator.cluster.Phase.Joining;
import org.barnraiser.coordinator.cluster.Phase.Ready;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.schedule.Generations;
import org.barnraiser.proto.WorkerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What others see of a model's life: the phase, the workers, and those that are passed over. It is changed on the event loop alone; running
 * answers are told whether there is a pipeline for them, and why not.
 */
final class Showcase {
    private static final Logger LOG = LoggerFactory.getLogger(Showcase.class);

    private final PipelineKey pipeline;
    private final Generations generations;
    private final Avoidances avoidances;
    private volatile LifecycleView view = new LifecycleView(new Joining(), ImmutableList.of(), ImmutableMap.of(),
            false);
    private Runnable onChange = () -> {};

    Showcase(PipelineKey pipeline, Generations generations, Avoidances avoidances) {
        this.pipeline = pipeline;
        this.generations = generations;
        this.avoidances = avoidances;
    }

    /** From any thread. */
    LifecycleView view() {
        return view;
    }

    /** Is run whenever the view has changed; to be set before the first event. */
    void onChange(Runnable listener) {
        onChange = listener;
    }

    Phase phase() {
        return view.phase();
    }

    ImmutableList<WorkerRecord> workers() {
        return view.workers();
    }

    /** The model was ready through another coordinator, so it is likely to be so again. */
    void onServedElsewhere() {
        view = new LifecycleView(phase(), workers(), view.avoided(), true);
    }

    void show(ImmutableList<WorkerRecord> workers) {
        show(view.withWorkers(workers).withAvoided(avoidances.now()));
    }

    /** Whether those that are passed over have changed; then it shows them. */
    boolean refreshAvoided() {
        if (avoidances.now().equals(view.avoided())) {
            return false;
        }
        view = view.withAvoided(avoidances.now());
        return true;
    }

    /** The same phase, with more to say of it. */
    void update(Phase same) {
        show(view.with(same));
    }

    void enter(Phase next) {
        show(view.with(next).withAvoided(avoidances.now()));
        LOG.info("{}{}", pipeline.index() == 0 ? "" : "Pipeline " + (pipeline.index() + 1) + ": ",
                switch (next.readiness()) {
                    case Readiness.Ready _ -> "The model is ready.";
                    case Readiness.NotReady(String reason, _, _) -> reason;
                });
        if (next instanceof Ready(Rollout plan, _, var ready)) {
            generations.join(ready, plan.plan().getEstimate().getReadersTokensPerSecond());
        } else if (pipeline.index() == 0 && next.readiness() instanceof Readiness.NotReady(String reason, _, _)) {
            generations.explain(reason);
        }
    }

    private void show(LifecycleView now) {
        view = now;
        onChange.run();
    }
}

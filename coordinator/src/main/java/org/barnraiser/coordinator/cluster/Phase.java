package org.barnraiser.coordinator.cluster;

import java.util.Optional;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.schedule.PipelineLoop;

/** Where a hosted model is between "nobody is here" and "it answers". */
sealed interface Phase {

    /** Whether the model answers now, and if not, why. */
    Readiness readiness();

    /** The plan that is being carried out. */
    default Optional<Rollout> rollout() {
        return Optional.empty();
    }

    /** Ends what goes on in it. Blocks, for some seconds at most. */
    default void end() {}

    /** Nothing is known of the cluster yet. */
    record Joining() implements Phase {
        @Override
        public Readiness readiness() {
            return new Readiness.NotReady("The coordinator is joining the cluster.", 2);
        }
    }

    /** Another coordinator leads. */
    record Standby() implements Phase {
        @Override
        public Readiness readiness() {
            return new Readiness.NotReady(
                    "Another coordinator leads this cluster; this one is getting in touch with it.", 30);
        }
    }

    /** Fewer workers are here than the first plan is to have. */
    record WaitingForWorkers(int here, int wanted) implements Phase {
        @Override
        public Readiness readiness() {
            return new Readiness.NotReady("Waiting for workers: " + here + " of " + wanted + " are here.", 5);
        }
    }

    /**
     * A plan is being made.
     *
     * @param cause why the last one does not hold any more, a sentence; empty for the first
     */
    record Planning(String cause) implements Phase {
        @Override
        public Readiness readiness() {
            return new Readiness.NotReady((cause + " A plan is being made.").strip(), 5);
        }
    }

    /** The workers that are here cannot run the model; another worker may change that. */
    record Impossible(String reason) implements Phase {
        @Override
        public Readiness readiness() {
            return new Readiness.NotReady(reason, 60);
        }
    }

    /** The workers load their parts. */
    record Loading(Rollout plan, Launch launch, String progress) implements Phase {
        @Override
        public Readiness readiness() {
            return new Readiness.NotReady("The model is being loaded: " + progress + ".", 10);
        }

        @Override
        public Optional<Rollout> rollout() {
            return Optional.of(plan);
        }

        @Override
        public void end() {
            launch.close();
        }
    }

    /** Everything is loaded; a real token is on its way through all stages. */
    record Probing(Rollout plan, Launch launch) implements Phase {
        @Override
        public Readiness readiness() {
            return new Readiness.NotReady("All parts are loaded; the first token is crossing them.", 2);
        }

        @Override
        public Optional<Rollout> rollout() {
            return Optional.of(plan);
        }

        @Override
        public void end() {
            launch.close();
        }
    }

    /** It answers. */
    record Ready(Rollout plan, Launch launch, PipelineLoop pipeline) implements Phase {
        @Override
        public Readiness readiness() {
            return new Readiness.Ready();
        }

        @Override
        public Optional<Rollout> rollout() {
            return Optional.of(plan);
        }

        @Override
        public void end() {
            launch.close();
        }
    }

    /** The pipeline broke, or could not be made; soon it is tried again. */
    record Lost(String reason) implements Phase {
        @Override
        public Readiness readiness() {
            return new Readiness.NotReady(reason + " It is tried again in a moment.", 5);
        }
    }

    /** The coordinator stops. */
    record Closed() implements Phase {
        @Override
        public Readiness readiness() {
            return new Readiness.NotReady("The coordinator is stopping.", 30);
        }
    }
}

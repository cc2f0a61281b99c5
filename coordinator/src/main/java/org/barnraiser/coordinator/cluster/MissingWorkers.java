package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import org.barnraiser.proto.WorkerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static com.google.common.collect.ImmutableList.toImmutableList;

/**
 * Workers of the plan that are not registered any more: suspect, and gone when they do not answer either. Asks again for as long as
 * they are missing. Owned by the event loop; what blocks runs elsewhere.
 */
final class MissingWorkers {
    private static final Logger LOG = LoggerFactory.getLogger(MissingWorkers.class);

    private final EventLoop loop;
    private final RollCall rollCall;
    private final Duration pause;
    private final Plan plan;
    private boolean asking;

    /** What is known of them; called on the event loop. */
    interface Plan {
        /** Those that the plan needs and that are not registered. */
        ImmutableList<WorkerRecord> missing();

        /** A worker that the plan still needs is gone. */
        void onGone(WorkerRecord worker);
    }

    /**
     * Looks after the workers of a plan.
     *
     * @param pause from one answer to the next question
     */
    MissingWorkers(EventLoop loop, RollCall rollCall, Duration pause, Plan plan) {
        this.loop = loop;
        this.rollCall = rollCall;
        this.pause = pause;
        this.plan = plan;
    }

    /** The plan, or who is registered, has changed. */
    void check() {
        ImmutableList<WorkerRecord> missing = plan.missing();
        if (missing.isEmpty() || asking) {
            return;
        }
        asking = true;
        Thread.ofVirtual().name("confirm-missing").start(() -> {
            ImmutableList<WorkerRecord> gone = missing.stream()
                    .filter(worker -> !rollCall.isPresent(worker))
                    .collect(toImmutableList());
            loop.execute(() -> onAnswers(missing, gone));
        });
    }

    private void onAnswers(ImmutableList<WorkerRecord> asked, ImmutableList<WorkerRecord> gone) {
        ImmutableList<WorkerRecord> missing = plan.missing();
        for (WorkerRecord worker : missing) {
            if (gone.contains(worker)) {
                asking = false;
                plan.onGone(worker);
                return;
            }
        }
        missing.stream().filter(asked::contains).forEach(worker -> LOG.warn(
                "Worker {} is not registered any more but answers; its pipeline goes on.", worker.getWorkerId()));
        loop.schedule(missing.equals(asked) ? pause : Duration.ZERO, () -> {
            asking = false;
            check();
        });
    }
}

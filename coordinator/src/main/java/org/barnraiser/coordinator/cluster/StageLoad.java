package org.barnraiser.coordinator.cluster;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.barnraiser.proto.LoadProgress;
import org.barnraiser.proto.WorkerControlGrpc;

/** The loading of one stage: one call to its worker, which lives as long as the worker keeps saying something. */
final class StageLoad {
    private final Rollout.Stage stage;
    private final Duration stall;
    private final Runnable onProgress;
    private final BlockingClientCall<?, LoadProgress> call;
    private volatile Progress progress;

    /** How far the stage is: phases follow each other, and each counts as one. */
    record Progress(double phases, String words) {}

    private StageLoad(Rollout.Stage stage, Channel worker, Duration stall, Runnable onProgress) {
        this.stage = stage;
        this.stall = stall;
        this.onProgress = onProgress;
        progress = new Progress(0, "loading " + stage.words());
        call = WorkerControlGrpc.newBlockingV2Stub(worker).loadShard(stage.load());
    }

    /**
     * Asks the worker to load; returns at once.
     *
     * @param stall how long the worker may say nothing
     * @param onProgress called by {@link #await} whenever {@link #progress} has changed
     */
    static StageLoad start(Rollout.Stage stage, Channel worker, Duration stall, Runnable onProgress) {
        return new StageLoad(stage, worker, stall, onProgress);
    }

    Rollout.Stage stage() {
        return stage;
    }

    Progress progress() {
        return progress;
    }

    /** Blocks until the stage is loaded (empty) or is not going to be (why, one sentence in plain words). */
    Optional<String> await() {
        try {
            LoadProgress message;
            boolean ready = false;
            while ((message = call.read(stall.toNanos(), TimeUnit.NANOSECONDS)) != null) {
                ready = message.getPhase() == LoadProgress.Phase.READY;
                progress = progressOf(message);
                onProgress.run();
            }
            return ready
                    ? Optional.empty()
                    : Optional.of(worker() + " stopped loading " + stage.range() + " without a reason.");
        } catch (StatusException e) {
            return Optional.of(refusal(e.getStatus()));
        } catch (TimeoutException _) {
            cancel();
            return Optional
                    .of(worker() + " has said nothing for " + stall.toSeconds() + " s while loading " + stage.range()
                            + ".");
        } catch (InterruptedException _) {
            cancel();
            Thread.currentThread().interrupt();
            return Optional.of("The loading of " + stage.words() + " was interrupted.");
        }
    }

    /** Gives up; the worker leaves nothing half-made. May be called from any thread. */
    void cancel() {
        call.cancel("the plan is given up", null);
    }

    private Progress progressOf(LoadProgress message) {
        double share = message.getTotalBytes() <= 0
                ? 0
                : Math.clamp((double) message.getDoneBytes() / message.getTotalBytes(), 0, 1);
        String verb = switch (message.getPhase()) {
            case FETCHING -> "fetching";
            case VERIFYING -> "checking";
            case LOADING, READY, UNRECOGNIZED -> "loading";
        };
        return new Progress(message.getPhaseValue() + share,
                verb + " " + stage.words() + ": " + Math.round(100 * share) + "%");
    }

    private String refusal(Status status) {
        return StatusText.isUnreachable(status)
                ? worker() + " cannot be reached; it was to run " + stage.range() + "."
                : worker() + " refused " + stage.range() + ": " + StatusText.of(status) + ".";
    }

    private String worker() {
        return "Worker " + stage.worker().getWorkerId();
    }
}

package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
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
import org.jspecify.annotations.Nullable;

/** The loading of one stage, as far as its request says: one call to its worker, which lives as long as the worker keeps saying something. */
final class StageLoad {
    private final Rollout.Stage stage;
    private final Duration stall;
    private final Runnable onProgress;
    private final Channel worker;
    private @Nullable BlockingClientCall<?, LoadProgress> call;
    private boolean cancelled;
    private volatile Progress progress;
    private final Pace pace = new Pace(Ticker.systemTicker());

    /** How far the stage is: phases follow each other, and each counts as one. */
    record Progress(double phases, String words) {}

    /**
     * Why a stage is not going to be loaded.
     *
     * @param reason one sentence in plain words
     * @param blamesWorker whether another worker may do better
     * @param lacksMemory whether the worker has too little memory or disk now
     */
    record Failure(String reason, boolean blamesWorker, boolean lacksMemory) {}

    private StageLoad(Rollout.Stage stage, Channel worker, Duration stall, Runnable onProgress) {
        this.stage = stage;
        this.stall = stall;
        this.onProgress = onProgress;
        progress = new Progress(0, "loading " + stage.words());
        this.worker = worker;
    }

    /**
     * A load that begins with {@link #await}.
     *
     * @param stall how long the worker may say nothing
     * @param onProgress called by {@link #await} whenever {@link #progress} has changed
     */
    static StageLoad of(Rollout.Stage stage, Channel worker, Duration stall, Runnable onProgress) {
        return new StageLoad(stage, worker, stall, onProgress);
    }

    Rollout.Stage stage() {
        return stage;
    }

    Progress progress() {
        return progress;
    }

    /** Asks the worker, and blocks until it has loaded (empty) or is not going to. */
    Optional<Failure> await() {
        BlockingClientCall<?, LoadProgress> opened = open();
        if (opened == null) {
            return Optional.of(new Failure("The loading of " + stage.words() + " was given up.", false, false));
        }
        try {
            LoadProgress message;
            boolean ready = false;
            while ((message = opened.read(stall.toNanos(), TimeUnit.NANOSECONDS)) != null) {
                ready = message.getPhase() == LoadProgress.Phase.READY;
                progress = progressOf(message);
                onProgress.run();
            }
            return ready
                    ? Optional.empty()
                    : blame(worker() + " stopped loading " + stage.range() + " without a reason.");
        } catch (StatusException e) {
            return Optional.of(refusal(e.getStatus()));
        } catch (TimeoutException _) {
            cancel();
            return blame(worker() + " has said nothing for " + stall.toSeconds() + " s while loading " + stage.range()
                    + ".");
        } catch (InterruptedException _) {
            cancel();
            Thread.currentThread().interrupt();
            return Optional.of(
                    new Failure("The loading of " + stage.words() + " was interrupted.", false, false));
        }
    }

    private synchronized @Nullable BlockingClientCall<?, LoadProgress> open() {
        if (!cancelled) {
            call = WorkerControlGrpc.newBlockingV2Stub(worker).loadShard(stage.load());
        }
        return call;
    }

    /** Gives up; the worker leaves nothing half-made. May be called from any thread. */
    synchronized void cancel() {
        cancelled = true;
        if (call != null) {
            call.cancel("the plan is given up", null);
        }
    }

    private static Optional<Failure> blame(String reason) {
        return Optional.of(new Failure(reason, true, false));
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
                verb + " " + stage.words() + ": " + Math.round(100 * share) + "%" + pace.words(message));
    }

    private Failure refusal(Status status) {
        if (StatusText.isUnreachable(status)) {
            return new Failure(worker() + " cannot be reached; it was to run " + stage.range() + ".", false, false);
        }
        // An older epoch and a call that was given up are nobody's fault.
        boolean blames = status.getCode() != Status.Code.FAILED_PRECONDITION
                && status.getCode() != Status.Code.CANCELLED;
        return new Failure(worker() + " refused " + stage.range() + ": " + StatusText.of(status) + ".", blames,
                status.getCode() == Status.Code.RESOURCE_EXHAUSTED);
    }

    private String worker() {
        return "Worker " + stage.worker().getWorkerId();
    }
}

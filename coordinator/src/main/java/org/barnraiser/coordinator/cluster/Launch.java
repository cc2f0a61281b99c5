package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableSetMultimap;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.barnraiser.coordinator.schedule.PipelineLoop;
import org.barnraiser.proto.WorkerRecord;
import org.jspecify.annotations.Nullable;

/** One attempt to bring a written plan to life: its stages are loaded, a pipeline is opened, and a real token crosses it. */
final class Launch implements AutoCloseable {
    private final Rollout rollout;
    private final WorkerChannels channels;
    private final PipelineSettings settings;
    private final Duration probe;
    private final Supplier<Duration> leastSilence;
    private final Runnable onStep;
    private final Listener listener;
    private @Nullable Deployment deployment;
    private @Nullable PipelineLoop pipeline;
    private boolean closed;

    /** Hears from any thread. */
    interface Listener {
        /** How far the slowest stage is, in words. */
        void onProgress(String progress);

        /** All is loaded, and a token is on its way through this pipeline. */
        void onProbing(PipelineLoop pipeline);

        /** It has come through. */
        void onReady(PipelineLoop pipeline);

        /**
         * It has come to nothing, or the pipeline is lost later.
         *
         * @param reason one sentence in plain words
         * @param culprit the worker without which it might have worked
         */
        void onFailed(String reason, Optional<WorkerRecord> culprit);
    }

    private Launch(Rollout rollout, WorkerChannels channels, PipelineSettings settings, Duration probe,
            Supplier<Duration> leastSilence, Runnable onStep, Listener listener) {
        this.leastSilence = leastSilence;
        this.onStep = onStep;
        this.rollout = rollout;
        this.channels = channels;
        this.settings = settings;
        this.probe = probe;
        this.listener = listener;
    }

    /**
     * Begins; returns at once.
     *
     * @param prepared ids of the shards that each incarnation holds in memory
     * @param leastSilence of the pipeline when it has work; asked when it is opened
     * @param onStep is run after each step that was sent, and must not block
     */
    static Launch start(Rollout rollout, ImmutableSetMultimap<String, String> prepared, WorkerChannels channels,
            PipelineSettings settings, ClusterTimings timings, Supplier<Duration> leastSilence, Runnable onStep,
            Listener listener) {
        Launch launch = new Launch(rollout, channels, settings, timings.probe(), leastSilence, onStep, listener);
        synchronized (launch) {
            launch.deployment = Deployment.start(rollout, prepared, channels, timings.loadStall(),
                    new Unloader(channels, timings.rollCall()), launch.new Loads());
        }
        return launch;
    }

    private synchronized Optional<PipelineLoop> open() {
        if (closed) {
            return Optional.empty();
        }
        PipelineLoop opened = PipelineLoop.start(rollout.pipelineId(), rollout.epoch(),
                settings.driverLimits(rollout.stages().size(), leastSilence.get()),
                link -> GrpcPipelineLink.open(end(rollout.head()), end(rollout.tail()), rollout.pipelineId(),
                        rollout.epoch(), onStep, link));
        pipeline = opened;
        return Optional.of(opened);
    }

    private GrpcPipelineLink.End end(Rollout.Stage stage) {
        return new GrpcPipelineLink.End(stage.worker().getWorkerId(), channels.to(stage.worker().getAddress()));
    }

    private void probe(PipelineLoop opened) {
        listener.onProbing(opened);
        opened.lost().thenAccept(reason -> listener.onFailed(reason, Optional.empty()));
        var _ = opened.probe().orTimeout(probe.toNanos(), TimeUnit.NANOSECONDS).whenComplete((_, error) -> {
            switch (error) {
                case null -> listener.onReady(opened);
                case TimeoutException _ -> listener.onFailed(
                        "No token came through the pipeline within " + probe.toSeconds() + " s.", Optional.empty());
                default -> listener.onFailed(
                        "The first token did not come through the pipeline: " + error.getMessage(), Optional.empty());
            }
        });
    }

    /** Gives up, or ends the pipeline that has come of it. Blocks until its generations are given back. */
    @Override
    public void close() {
        PipelineLoop opened;
        synchronized (this) {
            closed = true;
            if (deployment != null) {
                deployment.close();
            }
            opened = pipeline;
        }
        if (opened != null) {
            opened.close();
        }
    }

    private final class Loads implements Deployment.Listener {
        @Override
        public void onProgress(String progress) {
            listener.onProgress(progress);
        }

        @Override
        public void onLoaded() {
            open().ifPresent(Launch.this::probe);
        }

        @Override
        public void onFailed(String reason, Optional<WorkerRecord> culprit) {
            listener.onFailed(reason, culprit);
        }
    }
}

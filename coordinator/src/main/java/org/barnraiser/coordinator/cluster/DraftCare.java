package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableSet;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.schedule.PipelineLoop;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.WorkerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a draft model beside a pipeline that is ready: loads it whole on the worker of its head, in a pipeline of its own of one stage, and
 * has it guess. It is in no plan and gives way to whatever needs its memory; what goes wrong with it costs guesses and nothing else. Owned by
 * the event loop; a virtual thread for each pipeline waits.
 */
final class DraftCare {
    private static final Logger LOG = LoggerFactory.getLogger(DraftCare.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    private final Optional<ShardSource> draft;
    private final Tools tools;
    private final Suspicion suspicion = new Suspicion();
    private @Nullable Session session;

    /**
     * What it works with.
     *
     * @param settings resolved for the model that it guesses for
     * @param weightsAddress {@code host:port} from which workers fetch weights
     * @param line hears of the steps to the draft model
     */
    record Tools(PipelineSettings settings, String weightsAddress, WorkerChannels channels, Duration loadStall,
            Unloader unloader, OwnLine line) {}

    /** @param draft empty: there is nothing to do, ever */
    DraftCare(Optional<ShardSource> draft, Tools tools) {
        this.draft = draft;
        this.tools = tools;
    }

    /** A pipeline is ready. */
    void begin(Rollout rollout, PipelineLoop pipeline) {
        end();
        if (draft.isPresent() && !suspicion.isGrave() && !tools.settings().guessesNothing()) {
            session = new Session(draft.get(), rollout, pipeline);
            Thread.ofVirtual().name("draft-" + rollout.epoch()).start(session::run);
        }
    }

    /** The pipeline has ended. */
    void end() {
        if (session != null) {
            suspicion.pipelineEnded(session.guessedNanos());
            session.end();
            session = null;
            if (suspicion.isGrave()) {
                LOG.warn("The draft model is not loaded any more, as {} pipelines in a row broke soon after it was.",
                        Suspicion.MOST_IN_A_ROW);
            }
        }
    }

    /** The draft model beside one pipeline. */
    private final class Session {
        private final ShardSource source;
        private final Rollout rollout;
        private final PipelineLoop pipeline;
        private final WorkerRecord worker;
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile @Nullable StageLoad load;
        private volatile long beganNanos;
        private volatile boolean guesses;

        Session(ShardSource source, Rollout rollout, PipelineLoop pipeline) {
            this.source = source;
            this.rollout = rollout;
            this.pipeline = pipeline;
            worker = rollout.head().worker();
        }

        /** For how long it has guessed; empty when it never did. */
        OptionalLong guessedNanos() {
            return guesses ? OptionalLong.of(System.nanoTime() - beganNanos) : OptionalLong.empty();
        }

        void run() {
            Duration pause = FIRST_PAUSE;
            try {
                for (String reason = attempt(); ended.getCount() > 0; reason = attempt()) {
                    LOG.warn("There are no guesses of a draft model now: {}", reason);
                    if (ended.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                        return;
                    }
                    pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : pause;
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                LOG.error("The draft model of pipeline {} is given up", rollout.pipelineId(), e);
            }
        }

        /** Loads it and has it guess for as long as it does; returns why it does not, or not any more. */
        private String attempt() throws InterruptedException {
            EngineAbi engine = worker.getEngine().getAbi();
            Optional<String> refusal = source.refusal(engine);
            if (refusal.isPresent()) {
                return refusal.get();
            }
            StageLoad loading = StageLoad.of(new Rollout.Stage(worker, request(engine)),
                    tools.channels().to(worker.getAddress()), tools.loadStall(), () -> {});
            load = loading;
            if (ended.getCount() == 0) {
                return "The pipeline has ended.";
            }
            Optional<StageLoad.Failure> failure = loading.await();
            if (failure.isPresent()) {
                return failure.get().reason();
            }
            var end = new GrpcPipelineLink.End(worker.getWorkerId(), tools.channels().to(worker.getAddress()));
            var lost = pipeline.draftWith(rollout.epoch(), contextTokens(),
                    link -> GrpcPipelineLink.open(end, end, id(), rollout.epoch(),
                            tools.line().onStep(List.of(worker)), link))
                    .toCompletableFuture();
            beganNanos = System.nanoTime();
            guesses = true;
            LOG.info("A draft model guesses on worker {}", worker.getWorkerId());
            return lost.join();
        }

        private String id() {
            return rollout.pipelineId() + "-draft";
        }

        private int contextTokens() {
            return Math.min(tools.settings().contextTokens(), source.trainedContextTokens());
        }

        private LoadShardRequest request(EngineAbi engine) {
            PipelineSettings settings = tools.settings();
            return LoadShardRequest.newBuilder()
                    .setShard(source.shard(0, source.layerCount(), engine))
                    .setPipelineId(id())
                    .setEpoch(rollout.epoch())
                    .setStageCount(1)
                    .setSlots(settings.cacheSlots())
                    .setContextTokens(contextTokens())
                    .setCacheTokens(settings.cacheTokens())
                    .setMaxStepTokens(settings.maxStepTokens())
                    .setWeightsAddress(tools.weightsAddress())
                    .setMemoryBytes(source.needs(ImmutableSet.of(engine), settings.cacheTokens()).stageBytes(0,
                            source.layerCount()))
                    .setDraft(true)
                    .setExtent(LoadShardRequest.Extent.RUN)
                    .build();
        }

        /** Never blocks. */
        void end() {
            ended.countDown();
            StageLoad loading = load;
            if (loading != null) {
                loading.cancel();
                tools.unloader().dismiss(worker, id(), rollout.epoch());
            }
        }
    }
}

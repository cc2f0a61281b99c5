package org.barnraiser.worker.node;

import io.grpc.Status;
import io.grpc.StatusException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.barnraiser.proto.LoadProgress;
import org.barnraiser.proto.LoadProgress.Phase;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.Segment;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.shard.CachedShard;
import org.barnraiser.worker.shard.DamagedPieceException;
import org.barnraiser.worker.shard.InvalidShardSpecException;
import org.barnraiser.worker.shard.NoSpaceException;
import org.barnraiser.worker.shard.ShardCache;
import org.barnraiser.worker.shard.ShardException;
import org.barnraiser.worker.shard.ShardSpecCheck;
import org.barnraiser.worker.shard.WeightsUnavailableException;
import org.barnraiser.worker.stage.InsufficientMemoryException;
import org.barnraiser.worker.stage.StageEngine;
import org.barnraiser.worker.stage.StageSettings;

import static java.util.Objects.requireNonNullElse;

/**
 * Brings stages up. Loads take turns, as they compete for one disk, one network and one memory. A load for a pipeline
 * cancels an earlier one for the same pipeline.
 */
final class ShardLoader {
    private static final Duration UNLOAD_TIMEOUT = Duration.ofSeconds(60);

    private final LlamaLibrary library;
    private final ShardCache cache;
    private final StageRegistry registry;
    private final MemoryBudget memory;
    private final EngineChoices choices;
    private final ReentrantLock turn = new ReentrantLock(true);
    /** The thread that loads for a pipeline; guarded by itself. */
    private final Map<String, Thread> loading = new HashMap<>();

    /** What the worker's operator chose for llama.cpp. */
    record EngineChoices(int threads, int gpuLayers) {}

    /** Hears of a load's progress on the loading thread. */
    interface Progress {
        void onProgress(LoadProgress progress);
    }

    ShardLoader(LlamaLibrary library, ShardCache cache, StageRegistry registry, MemoryBudget memory,
            EngineChoices choices) {
        this.library = library;
        this.cache = cache;
        this.registry = registry;
        this.memory = memory;
        this.choices = choices;
    }

    /**
     * Loads the shard or keeps the stage that has it. Blocks until the stage is ready; interrupting the thread cancels.
     *
     * @throws StatusException as WorkerControl.LoadShard documents
     */
    void load(LoadShardRequest request, Progress progress) throws StatusException, InterruptedException {
        try {
            ShardSpecCheck.check(request.getShard());
            LoadRequestCheck.check(request);
            registry.fence(request.getPipelineId(), request.getEpoch());
            claim(request.getPipelineId());
            try {
                turn.lockInterruptibly();
                try {
                    registry.fence(request.getPipelineId(), request.getEpoch());
                    loadInTurn(request, progress);
                } finally {
                    turn.unlock();
                }
            } finally {
                release(request.getPipelineId());
            }
        } catch (FencedException e) {
            throw e.status().asException();
        } catch (ShardException e) {
            throw status(e);
        } catch (IOException e) {
            throw Status.INTERNAL.withDescription("The worker's disk failed: " + e.getMessage() + ".").asException();
        } catch (MemoryBudget.OutOfBudgetException e) {
            throw Status.RESOURCE_EXHAUSTED.withDescription(e.getMessage()).asException();
        }
    }

    private void loadInTurn(LoadShardRequest request, Progress progress) throws StatusException, ShardException,
            FencedException, IOException, MemoryBudget.OutOfBudgetException, InterruptedException {
        var settings = new StageSettings(request.getStageIndex(), request.getSlots(), request.getContextTokens(),
                request.getCacheTokens(), request.getMaxStepTokens(), choices.threads(), choices.gpuLayers(),
                request.getWire());
        Optional<HostedStage> present = registry.find(request.getPipelineId());
        if (present.isPresent() && isSame(present.get().engine(), request.getShard(), settings)) {
            present.get().renew(request.getEpoch(), request.getNextStageAddress());
            return;
        }
        unload(registry.remove(request.getPipelineId(), request.getEpoch()).stream().toList());
        long weightBytes = weightBytes(request.getShard());
        if (weightBytes > memory.freeBytes()) {
            unload(registry.removeObsolete(request.getShard().getModelDigest(), request.getEpoch()));
        }
        memory.requireFree(weightBytes); // before anything is fetched
        CachedShard shard = fetch(request, progress);
        HostedStage stage = open(request, shard, settings, progress);
        stage.renew(request.getEpoch(), request.getNextStageAddress());
        try {
            registry.add(stage);
        } catch (FencedException e) {
            stage.close();
            throw e;
        }
    }

    private CachedShard fetch(LoadShardRequest request, Progress progress)
            throws ShardException, IOException, InterruptedException {
        try (var source = new GrpcPieceSource(request.getWeightsAddress())) {
            return cache.acquire(request.getShard(), source,
                    (phase, done, total) -> progress.onProgress(LoadProgress.newBuilder().setPhase(phase)
                            .setDoneBytes(done).setTotalBytes(total).build()));
        }
    }

    private HostedStage open(LoadShardRequest request, CachedShard shard, StageSettings settings, Progress progress)
            throws StatusException, ShardException, IOException, InterruptedException {
        long fileBytes = shard.spec().getFileSizeBytes();
        progress.onProgress(LoadProgress.newBuilder().setPhase(Phase.LOADING).setTotalBytes(fileBytes).build());
        var share = memory.newShare();
        try {
            return HostedStage.open(request.getPipelineId(), () -> {
                var engine = StageEngine.open(library, shard.file(), shard.spec(), shard.embedding(), settings,
                        memory.freeBytes());
                try {
                    share.take(engine.memoryBytes());
                } catch (MemoryBudget.OutOfBudgetException e) {
                    engine.close();
                    throw e;
                }
                return engine;
            }, List.of(shard, share));
        } catch (ExecutionException e) {
            throw refusal(requireNonNullElse(e.getCause(), e));
        }
    }

    private static StatusException refusal(Throwable cause) throws ShardException, IOException {
        return switch (cause) {
            case ShardException e -> throw e;
            case IOException e -> throw e;
            case InsufficientMemoryException e ->
                Status.RESOURCE_EXHAUSTED.withDescription(e.getMessage()).asException();
            case MemoryBudget.OutOfBudgetException e ->
                Status.RESOURCE_EXHAUSTED.withDescription(e.getMessage()).asException();
            case LlamaException e ->
                Status.INTERNAL.withDescription("llama.cpp refused the shard: " + e.getMessage() + ".").asException();
            default ->
                Status.INTERNAL.withDescription("The shard cannot be loaded: " + cause).withCause(cause).asException();
        };
    }

    private static boolean isSame(StageEngine engine, ShardSpec spec, StageSettings settings) {
        return engine.spec().equals(spec) && engine.settings().equals(settings);
    }

    private static long weightBytes(ShardSpec spec) {
        long holes = spec.getSegmentsList().stream().mapToLong(Segment::getHoleBytes).sum();
        return spec.getFileSizeBytes() - holes;
    }

    private static void unload(List<HostedStage> stages) throws StatusException, InterruptedException {
        stages.forEach(HostedStage::close);
        for (HostedStage stage : stages) {
            if (!stage.awaitClosed(UNLOAD_TIMEOUT)) {
                throw Status.UNAVAILABLE.withDescription(
                        "The stage that is loaded here has not stopped within " + UNLOAD_TIMEOUT.toSeconds()
                                + " seconds.")
                        .asException();
            }
        }
    }

    /** Cancels an earlier load for the pipeline. */
    private void claim(String pipelineId) {
        synchronized (loading) {
            Thread earlier = loading.put(pipelineId, Thread.currentThread());
            if (earlier != null) {
                earlier.interrupt();
            }
        }
    }

    private void release(String pipelineId) {
        synchronized (loading) {
            loading.remove(pipelineId, Thread.currentThread());
        }
    }

    private static StatusException status(ShardException e) {
        Status status = switch (e) {
            case InvalidShardSpecException _ -> Status.INVALID_ARGUMENT;
            case DamagedPieceException _ -> Status.DATA_LOSS;
            case NoSpaceException _ -> Status.RESOURCE_EXHAUSTED;
            case WeightsUnavailableException _ -> Status.UNAVAILABLE;
        };
        return status.withDescription(e.getMessage()).asException();
    }
}

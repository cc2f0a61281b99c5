package org.barnraiser.worker.node;

import io.grpc.Status;
import io.grpc.StatusException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.barnraiser.proto.AdapterCut;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.Segment;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.worker.llama.CacheType;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.node.MemoryBudget.OutOfBudgetException;
import org.barnraiser.worker.shard.CachedShard;
import org.barnraiser.worker.shard.ShardException;
import org.barnraiser.worker.stage.InsufficientMemoryException;
import org.barnraiser.worker.stage.StageEngine;
import org.barnraiser.worker.stage.StageSettings;

import static java.util.Objects.requireNonNullElse;

/** Opens engines on shards that are on disk, within the memory that this worker lends. */
final class StageOpener {
    private final LlamaLibrary library;
    private final MemoryBudget memory;
    private final EngineChoices choices;

    /** What the worker's operator chose for llama.cpp. */
    record EngineChoices(int threads, int gpuLayers, Optional<List<String>> devices, CacheType cacheType) {}

    StageOpener(LlamaLibrary library, MemoryBudget memory, EngineChoices choices) {
        this.library = library;
        this.memory = memory;
        this.choices = choices;
    }

    /** What an engine for this request is opened with. */
    StageSettings settings(LoadShardRequest request) {
        return new StageSettings(request.getSlots(), request.getContextTokens(), request.getCacheTokens(),
                request.getMaxStepTokens(), choices.threads(), choices.gpuLayers(), choices.devices(),
                choices.cacheType(), request.getAdaptersList().stream().map(AdapterCut::getDigest).toList());
    }

    /**
     * Refuses a stage that is too much, before anything is fetched.
     *
     * @param releasable stages that may make room
     */
    void requireRoom(LoadShardRequest request, List<HostedStage> releasable) throws OutOfBudgetException {
        long releasableBytes = releasable.stream().mapToLong(HostedStage::memoryBytes).sum();
        memory.requireFree(neededBytes(request), releasableBytes);
    }

    /** What the plan counts, which includes buffers that only llama.cpp knows; but never less than what is plain to see. */
    private static long neededBytes(LoadShardRequest request) {
        return Math.max(request.getMemoryBytes(),
                weightBytes(request.getShard()) + StageEngine.tableBytes(request.getShard()));
    }

    /**
     * Blocks while llama.cpp loads; interrupting the thread cancels.
     *
     * @param request what is loaded
     * @param files closed with the stage, or when there will be none
     * @throws OutOfBudgetException when the stage does not fit into what is free now
     */
    HostedStage open(LoadShardRequest request, StageFiles files, StageSettings settings)
            throws StatusException, ShardException, IOException, OutOfBudgetException, InterruptedException {
        CachedShard shard = files.shard();
        var share = memory.newShare();
        try {
            return HostedStage.open(shard.spec().getLayers(), () -> {
                memory.requireFree(neededBytes(request));
                var engine = StageEngine.open(library, shard.file(), shard.spec(), shard.embedding(), settings,
                        files.adapterFiles(), memory.freeBytes());
                try {
                    share.take(Math.max(request.getMemoryBytes(), engine.memoryBytes()));
                } catch (OutOfBudgetException e) {
                    engine.close();
                    throw e;
                }
                return engine;
            }, share::bytes, List.of(files, share));
        } catch (ExecutionException e) {
            throw refusal(requireNonNullElse(e.getCause(), e));
        }
    }

    private static StatusException refusal(Throwable cause) throws ShardException, IOException, OutOfBudgetException {
        return switch (cause) {
            case ShardException e -> throw e;
            case IOException e -> throw e;
            case OutOfBudgetException e -> throw e;
            case InsufficientMemoryException e -> throw new OutOfBudgetException(String.valueOf(e.getMessage()));
            case LlamaException e ->
                Status.INTERNAL.withDescription("llama.cpp refused the shard: " + e.getMessage() + ".").asException();
            default ->
                Status.INTERNAL.withDescription("The shard cannot be loaded: " + cause).withCause(cause).asException();
        };
    }

    private static long weightBytes(ShardSpec spec) {
        long holes = spec.getSegmentsList().stream().mapToLong(Segment::getHoleBytes).sum();
        return spec.getFileSizeBytes() - holes;
    }
}

package org.barnraiser.coordinator.cluster;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.collect.ImmutableList;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.barnraiser.coordinator.plan.Layers;
import org.barnraiser.coordinator.weights.Holdings;
import org.barnraiser.coordinator.weights.ShardPieces;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.LayerRange;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.Origin;
import org.barnraiser.proto.PipelineRecord;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.StageRecord;
import org.barnraiser.proto.VerifyRequest;
import org.barnraiser.proto.WorkerRecord;

import static com.google.common.collect.ImmutableList.toImmutableList;

/** What workers are told to load for a plan. Thread-safe. */
final class LoadRequests {
    /** A tail's description holds the vocabulary: some megabytes. */
    private static final int MAX_SPECS = 32;

    private final ShardSource source;
    private final PipelineSettings settings;
    private final String weightsAddress;
    private final Holdings holdings;
    private final ImmutableList<Origin> origins;
    private final Cache<Key, ShardSpec> specs = CacheBuilder.newBuilder().maximumSize(MAX_SPECS).build();

    private record Key(Layers layers, EngineAbi engine) {}

    /**
     * Makes requests for one model.
     *
     * @param settings resolved for the model
     * @param weightsAddress {@code host:port} from which workers fetch weights
     * @param holdings who else has them
     * @param origins web servers that have the model's files, in split order; empty when workers are not to ask them
     */
    LoadRequests(ShardSource source, PipelineSettings settings, String weightsAddress, Holdings holdings,
            ImmutableList<Origin> origins) {
        this.source = source;
        this.settings = settings;
        this.weightsAddress = weightsAddress;
        this.holdings = holdings;
        this.origins = origins;
    }

    /** What workers are told of a model's servers: nothing of those that want a token, which stays here. */
    static ImmutableList<Origin> handedOut(Optional<org.barnraiser.coordinator.library.Origin> origin) {
        return origin.filter(there -> !there.gated()).stream().flatMap(there -> there.files().stream())
                .map(file -> Origin.newBuilder().setUrl(file.uri().toString())
                        .setSizeBytes(file.sizeBytes().orElse(0)).build())
                .collect(toImmutableList());
    }

    /** The shard of layers between legal cut points, for a worker's engine. */
    ShardSpec shard(Layers layers, WorkerRecord worker) {
        EngineAbi engine = worker.getEngine().getAbi();
        try {
            return specs.get(new Key(layers, engine), () -> source.shard(layers.first(), layers.last(), engine));
        } catch (ExecutionException e) {
            throw new IllegalStateException("The shard of " + layers.words() + " cannot be described.", e.getCause());
        }
    }

    /**
     * One stage of a plan.
     *
     * @param worker who is to load it: the one in the plan, or one that could take it over
     * @param extent how far it is to go
     */
    Rollout.Stage stage(PlanRecord plan, int index, WorkerRecord worker, LoadShardRequest.Extent extent) {
        PipelineRecord pipeline = plan.getPipelines(0);
        StageRecord stage = pipeline.getStages(index);
        boolean tail = index == pipeline.getStagesCount() - 1;
        ShardSpec shard = shard(layers(stage.getLayers()), worker);
        return new Rollout.Stage(worker, LoadShardRequest.newBuilder()
                .setShard(shard)
                .setPipelineId(pipeline.getPipelineId())
                .setEpoch(plan.getEpoch())
                .setStageIndex(index)
                .setStageCount(pipeline.getStagesCount())
                .setSlots(settings.cacheSlots())
                .setContextTokens(settings.contextTokens())
                .setCacheTokens(settings.cacheTokens())
                .setMaxStepTokens(settings.maxStepTokens())
                .setNextStageAddress(tail ? "" : pipeline.getStages(index + 1).getAddress())
                .setPreviousWorkerId(index == 0 ? "" : pipeline.getStages(index - 1).getWorkerId())
                .setWire(settings.wire().encoding())
                .setAdaptWire(settings.wire() == Wire.AUTO)
                .setWeightsAddress(weightsAddress)
                .setMemoryBytes(stage.getMemoryBytes())
                .setExtent(extent)
                .addAllAdapters(source.adapters(stage.getLayers().getFirst(), stage.getLayers().getLast()))
                .addAllOrigins(origins)
                .addAllHolders(holdings.holders(ShardPieces.of(shard).keySet(), worker.getIncarnationId()))
                .build());
    }

    /** The same for a further copy on a worker's disk. */
    Rollout.Stage spare(PlanRecord plan, int index, WorkerRecord worker) {
        Rollout.Stage stage = stage(plan, index, worker, LoadShardRequest.Extent.FETCH);
        return new Rollout.Stage(worker, stage.load().toBuilder().setSpare(true).build());
    }

    /** What a worker is asked to read again, with all places from which it could be repaired. */
    VerifyRequest verification(WorkerRecord worker) {
        return VerifyRequest.newBuilder().setModelDigest(holdings.modelDigest()).setWeightsAddress(weightsAddress)
                .addAllHolders(holdings.holders(worker.getIncarnationId())).build();
    }

    static Layers layers(LayerRange range) {
        return new Layers(range.getFirst(), range.getLast());
    }
}

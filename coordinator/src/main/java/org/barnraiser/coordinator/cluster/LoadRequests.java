package org.barnraiser.coordinator.cluster;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import java.util.concurrent.ExecutionException;
import org.barnraiser.coordinator.plan.Layers;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.LayerRange;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.PipelineRecord;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.StageRecord;
import org.barnraiser.proto.WorkerRecord;

/** What workers are told to load for a plan. Thread-safe. */
final class LoadRequests {
    /** A tail's description holds the vocabulary: some megabytes. */
    private static final int MAX_SPECS = 32;

    private final ShardSource source;
    private final PipelineSettings settings;
    private final String weightsAddress;
    private final Cache<Key, ShardSpec> specs = CacheBuilder.newBuilder().maximumSize(MAX_SPECS).build();

    private record Key(Layers layers, EngineAbi engine) {}

    /**
     * Makes requests for one model.
     *
     * @param settings resolved for the model
     * @param weightsAddress {@code host:port} from which workers fetch weights
     */
    LoadRequests(ShardSource source, PipelineSettings settings, String weightsAddress) {
        this.source = source;
        this.settings = settings;
        this.weightsAddress = weightsAddress;
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
        return new Rollout.Stage(worker, LoadShardRequest.newBuilder()
                .setShard(shard(layers(stage.getLayers()), worker))
                .setPipelineId(pipeline.getPipelineId())
                .setEpoch(plan.getEpoch())
                .setStageIndex(index)
                .setStageCount(pipeline.getStagesCount())
                .setSlots(settings.slots())
                .setContextTokens(settings.contextTokens())
                .setCacheTokens(settings.cacheTokens())
                .setMaxStepTokens(settings.maxStepTokens())
                .setNextStageAddress(tail ? "" : pipeline.getStages(index + 1).getAddress())
                .setWire(settings.wire())
                .setWeightsAddress(weightsAddress)
                .setExtent(extent)
                .build());
    }

    static Layers layers(LayerRange range) {
        return new Layers(range.getFirst(), range.getLast());
    }
}

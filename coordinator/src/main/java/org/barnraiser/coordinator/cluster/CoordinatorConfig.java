package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.net.HostAndPort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.coordinator.plan.Aim;
import org.barnraiser.coordinator.schedule.GenerationLimits;

/**
 * What a coordinator is told at its start.
 *
 * @param zooKeeper connect string, {@code host:port[,host:port…]}
 * @param models what is hosted, at least one; the first is what the cluster's status tells of first
 * @param aliases other names of models
 * @param dataDirectory where the model's manifest is kept, so that its files are hashed once
 * @param listen where the gRPC server listens; workers fetch weights from this very address, so it must be one that they
 *        reach; port 0 takes a free one
 * @param httpAddress {@code host:port} of the HTTP API as others reach it, for the cluster's record; may be empty
 * @param minWorkers the first plan waits for this many workers (within {@link ClusterTimings#workerGrace()})
 * @param stages how many machines the model is split over, as long as it fits; the others stand by. 0 for as few as it fits on
 * @param pipelines how many times each model is hosted as a whole, as far as there are machines for it
 * @param pipeline how stages are loaded
 * @param timings how long to wait for what
 * @param patience how long an answer waits for machines when some have left
 * @param weights how the model is spread over disks
 * @param aim what plans are made for
 * @param draft a small model that guesses tokens for those with its vocabulary
 */
public record CoordinatorConfig(String zooKeeper, ImmutableList<ModelToHost> models,
        ImmutableMap<String, String> aliases, Path dataDirectory, HostAndPort listen,
        String httpAddress, int minWorkers, int stages, int pipelines,
        PipelineSettings pipeline, ClusterTimings timings, Duration patience, WeightsSettings weights, Aim aim,
        Optional<ModelToHost> draft) {
    /** Each of them feels the pulse of every worker. */
    public static final int MAX_PIPELINES = 16;

    public CoordinatorConfig {
        if (models.isEmpty()) {
            throw new IllegalArgumentException("models is empty; there must be at least one");
        }
        if (minWorkers < 1) {
            throw new IllegalArgumentException("minWorkers is " + minWorkers + "; it must be at least 1");
        }
        if (stages < 0) {
            throw new IllegalArgumentException("stages is " + stages + "; it must not be negative");
        }
        if (pipelines < 1 || pipelines > MAX_PIPELINES) {
            throw new IllegalArgumentException(
                    "pipelines is " + pipelines + "; it must be from 1 to " + MAX_PIPELINES);
        }
    }

    /** The defaults: gRPC on a free loopback port, one worker wanted. */
    public static CoordinatorConfig of(String zooKeeper, Path model, Path dataDirectory) {
        return new CoordinatorConfig(zooKeeper, ImmutableList.of(new ModelToHost(model, Optional.empty())),
                ImmutableMap.of(), dataDirectory, HostAndPort.fromParts("127.0.0.1", 0), "", 1, 0, 1,
                PipelineSettings.standard(), ClusterTimings.standard(), GenerationLimits.DEFAULT_PATIENCE,
                WeightsSettings.standard(), Aim.ONE_READER, Optional.empty());
    }

    public CoordinatorConfig withModels(List<ModelToHost> hosted) {
        return new CoordinatorConfig(zooKeeper, ImmutableList.copyOf(hosted), aliases, dataDirectory, listen,
                httpAddress, minWorkers, stages, pipelines, pipeline, timings, patience, weights, aim, draft);
    }

    public CoordinatorConfig withAliases(Map<String, String> others) {
        return new CoordinatorConfig(zooKeeper, models, ImmutableMap.copyOf(others), dataDirectory, listen,
                httpAddress, minWorkers, stages, pipelines, pipeline, timings, patience, weights, aim, draft);
    }

    public CoordinatorConfig withListen(HostAndPort address) {
        return new CoordinatorConfig(zooKeeper, models, aliases, dataDirectory, address, httpAddress, minWorkers,
                stages, pipelines,
                pipeline,
                timings, patience, weights, aim, draft);
    }

    public CoordinatorConfig withHttpAddress(String address) {
        return new CoordinatorConfig(zooKeeper, models, aliases, dataDirectory, listen, address, minWorkers, stages,
                pipelines,
                pipeline,
                timings,
                patience, weights, aim, draft);
    }

    public CoordinatorConfig withMinWorkers(int workers) {
        return new CoordinatorConfig(zooKeeper, models, aliases, dataDirectory, listen, httpAddress, workers, stages,
                pipelines,
                pipeline,
                timings,
                patience, weights, aim, draft);
    }

    public CoordinatorConfig withStages(int count) {
        return new CoordinatorConfig(zooKeeper, models, aliases, dataDirectory, listen, httpAddress, minWorkers, count,
                pipelines,
                pipeline,
                timings, patience, weights, aim, draft);
    }

    public CoordinatorConfig withPipelines(int count) {
        return new CoordinatorConfig(zooKeeper, models, aliases, dataDirectory, listen, httpAddress, minWorkers, stages,
                count, pipeline, timings, patience, weights, aim, draft);
    }

    public CoordinatorConfig withPipeline(PipelineSettings settings) {
        return new CoordinatorConfig(zooKeeper, models, aliases, dataDirectory, listen, httpAddress, minWorkers, stages,
                pipelines,
                settings,
                timings, patience, weights, aim, draft);
    }

    public CoordinatorConfig withTimings(ClusterTimings waits) {
        return new CoordinatorConfig(zooKeeper, models, aliases, dataDirectory, listen, httpAddress, minWorkers, stages,
                pipelines,
                pipeline,
                waits,
                patience, weights, aim, draft);
    }

    public CoordinatorConfig withPatience(Duration wait) {
        return new CoordinatorConfig(zooKeeper, models, aliases, dataDirectory, listen, httpAddress, minWorkers, stages,
                pipelines,
                pipeline,
                timings, wait, weights, aim, draft);
    }

    public CoordinatorConfig withWeights(WeightsSettings settings) {
        return new CoordinatorConfig(zooKeeper, models, aliases, dataDirectory, listen, httpAddress, minWorkers, stages,
                pipelines,
                pipeline,
                timings, patience, settings, aim, draft);
    }

    public CoordinatorConfig withAim(Aim better) {
        return new CoordinatorConfig(zooKeeper, models, aliases, dataDirectory, listen, httpAddress, minWorkers, stages,
                pipelines,
                pipeline,
                timings, patience, weights, better, draft);
    }

    public CoordinatorConfig withDraft(Optional<ModelToHost> small) {
        return new CoordinatorConfig(zooKeeper, models, aliases, dataDirectory, listen, httpAddress, minWorkers, stages,
                pipelines,
                pipeline, timings, patience, weights, aim, small);
    }
}

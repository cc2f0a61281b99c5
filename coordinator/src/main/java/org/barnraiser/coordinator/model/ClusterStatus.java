package org.barnraiser.coordinator.model;

import java.util.List;
import java.util.Map;

/** What {@code GET /api/cluster} answers; field names are those of the JSON. */
public record ClusterStatus(Model model, Plan plan, List<Worker> workers) {

    /** The hosted model; {@code reason} is empty when it is ready. */
    public record Model(String name, String digest, boolean ready, String reason) {}

    /** The current plan; epoch 0 and no pipelines when there is none. */
    public record Plan(long epoch, List<Pipeline> pipelines) {}

    /** Stages in order, head first. */
    public record Pipeline(List<Stage> stages) {}

    /** One worker's layer range [first, last). */
    public record Stage(String worker, int first, int last, long pid, String address) {}

    /** A worker that is registered. */
    public record Worker(String worker, String address, long pid, String engine, long usableMemoryBytes,
            Map<String, String> labels) {}

    /** Where the current status comes from; must not block. */
    public interface Source {
        ClusterStatus clusterStatus();
    }
}

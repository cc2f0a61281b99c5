package org.barnraiser.coordinator.receipt;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.barnraiser.coordinator.model.ClusterStatus;

/**
 * The plans under which an answer was made: one for each time that machines took over and, as an answer may be made by any of a model's
 * pipelines, for each of these. Thread-safe; never blocks for long.
 */
public final class PlanTrail {
    /** More than an answer survives. */
    private static final int MAX_PLANS = 64;

    private final ClusterStatus.Source cluster;
    private final String modelDigest;
    /** By pipeline and epoch; guarded by this. */
    private final Map<Key, ObjectNode> plans = new TreeMap<>(
            Comparator.comparingLong(Key::epoch).thenComparingInt(Key::pipeline));

    private record Key(int pipeline, long epoch) {}

    PlanTrail(ClusterStatus.Source cluster, String modelDigest) {
        this.cluster = cluster;
        this.modelDigest = modelDigest;
    }

    /** Takes down the plan that runs now. */
    public void look() {
        ClusterStatus status = cluster.clusterStatus();
        status.models().stream().filter(model -> model.digest().equals(modelDigest)).findFirst()
                .ifPresent(model -> add(model.plan(), status));
    }

    private synchronized void add(ClusterStatus.Plan plan, ClusterStatus status) {
        for (ClusterStatus.Pipeline pipeline : plan.pipelines()) {
            if (plans.size() < MAX_PLANS) {
                plans.computeIfAbsent(new Key(pipeline.number(), pipeline.epoch()), _ -> describe(pipeline, status));
            }
        }
    }

    private static ObjectNode describe(ClusterStatus.Pipeline pipeline, ClusterStatus status) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("epoch", pipeline.epoch());
        ArrayNode stages = node.putArray("stages");
        pipeline.stages().forEach(stage -> stages.addObject().put("worker", stage.worker()).put("first", stage.first())
                .put("last", stage.last()).put("engine", engine(stage.worker(), status)));
        return node;
    }

    private static String engine(String worker, ClusterStatus status) {
        return status.workers().stream().filter(each -> each.worker().equals(worker)).findFirst()
                .map(ClusterStatus.Worker::engine).orElse("");
    }

    /** All of them, by epoch; those that run now when an answer ended before its first token. */
    synchronized ArrayNode plans() {
        if (plans.isEmpty()) {
            look();
        }
        return JsonNodeFactory.instance.arrayNode().addAll(plans.values());
    }
}

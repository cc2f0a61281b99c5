package org.barnraiser.operator.scale;

import java.util.OptionalInt;
import org.barnraiser.operator.crd.ClusterSpec;

/**
 * Within what limits to scale, and upon what.
 *
 * @param min workers, unless all sleep
 * @param pipelines that the model is to have, as far as there are workers
 * @param fixed when somebody else decides
 */
public record ScaleRules(int min, int max, int pipelines, OptionalInt fixed, ClusterSpec.Autoscaling autoscaling) {

    public static ScaleRules of(ClusterSpec spec) {
        return new ScaleRules(spec.minWorkers(), spec.maxWorkers(), spec.pipelines(), spec.replicas(),
                spec.autoscaling());
    }

    /** The nearest number that the pools allow. */
    int within(int workers) {
        return Math.clamp(workers, Math.min(min, max), max);
    }
}

package org.barnraiser.coordinator.web.fit;

import com.google.common.collect.ImmutableList;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.barnraiser.coordinator.plan.ModelNeeds;
import org.barnraiser.coordinator.plan.PlannedStage;

/**
 * How fast a plan may be for one reader. To make a token, each machine in turn reads its part of the weights once; so the sum of
 * bytes/bandwidth is the least time. How near machines come to that, and what a hop costs, is what makes the range.
 */
final class SpeedEstimate {
    private static final double WORST_SHARE_OF_BANDWIDTH = 0.4;
    private static final double BEST_SHARE_OF_BANDWIDTH = 0.85;
    private static final double SLOW_HOP_SECONDS = 0.002;
    private static final double FAST_HOP_SECONDS = 0.0003;

    private SpeedEstimate() {}

    /** Empty when a stage's bandwidth is unknown. */
    static Optional<Fit.Speed> of(Model model, ImmutableList<PlannedStage> stages, Map<String, Machine> machines) {
        double seconds = 0;
        for (PlannedStage stage : stages) {
            Machine machine = machines.get(stage.machine().workerId());
            OptionalDouble bandwidth = machine == null ? OptionalDouble.empty() : machine.bandwidthBytesPerSecond();
            if (bandwidth.isEmpty()) {
                return Optional.empty();
            }
            seconds += bytesPerToken(model, stage) / bandwidth.getAsDouble();
        }
        return Optional.of(new Fit.Speed(
                1 / (seconds / WORST_SHARE_OF_BANDWIDTH + stages.size() * SLOW_HOP_SECONDS),
                1 / (seconds / BEST_SHARE_OF_BANDWIDTH + stages.size() * FAST_HOP_SECONDS)));
    }

    /** The layers that a token uses, and the output matrix; of the embedding table only a row is read. */
    private static double bytesPerToken(Model model, PlannedStage stage) {
        ModelNeeds needs = model.needs();
        double bytes = stage.last() == needs.layerCount() ? needs.tailBytes() : 0;
        for (int layer = stage.first(); layer < stage.last(); layer++) {
            bytes += needs.layerBytes().get(layer) * model.activeShare();
        }
        return bytes;
    }
}

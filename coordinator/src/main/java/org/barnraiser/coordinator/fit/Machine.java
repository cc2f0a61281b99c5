package org.barnraiser.coordinator.fit;

import java.util.Optional;
import java.util.OptionalDouble;
import org.barnraiser.coordinator.plan.Link;
import org.barnraiser.coordinator.plan.Speed;

/**
 * A machine that is there or made up.
 *
 * @param memoryBytes what it lends
 * @param pace how fast it is; empty when unknown
 * @param link the way from it to any other; empty when unknown
 * @param trusted whether it may see text, as head and tail do
 */
public record Machine(String name, long memoryBytes, Optional<Pace> pace, Optional<Link> link, boolean trusted) {

    /** A machine that is as fast as its memory. */
    public Machine(String name, long memoryBytes, OptionalDouble bandwidthBytesPerSecond) {
        this(name, memoryBytes,
                bandwidthBytesPerSecond.isPresent()
                        ? Optional.of(Pace.onPaper(bandwidthBytesPerSecond.getAsDouble(), OptionalDouble.empty()))
                        : Optional.empty(),
                Optional.empty(), false);
    }

    public Machine named(String other) {
        return new Machine(other, memoryBytes, pace, link, trusted);
    }

    /**
     * How fast a machine is, as far as one knows.
     *
     * @param slow what it reaches at least
     * @param likely what to reckon with
     * @param fast what it reaches at most
     */
    public record Pace(Speed slow, Speed likely, Speed fast) {
        private static final double FEWEST_OPERATIONS_PER_BYTE = 5;
        private static final double GRAPHICS_OPERATIONS_PER_BYTE = 40;
        /** No processor reads its memory that fast without being made for graphics. */
        private static final double GRAPHICS_BANDWIDTH = 250e9;
        private static final double STEP_SECONDS = 0.000_3;

        /**
         * From data sheets, of which llama.cpp reaches a part.
         *
         * @param operationsPerSecond empty: as usual for that bandwidth
         */
        public static Pace onPaper(double bytesPerSecond, OptionalDouble operationsPerSecond) {
            double operations = operationsPerSecond.orElse(bytesPerSecond * (bytesPerSecond < GRAPHICS_BANDWIDTH
                    ? FEWEST_OPERATIONS_PER_BYTE
                    : GRAPHICS_OPERATIONS_PER_BYTE));
            return new Pace(new Speed(bytesPerSecond * 0.4, operations * 0.2, STEP_SECONDS * 2),
                    new Speed(bytesPerSecond * 0.65, operations * 0.4, STEP_SECONDS),
                    new Speed(bytesPerSecond * 0.85, operations * 0.6, STEP_SECONDS / 2));
        }

        /** Of a machine on which llama.cpp was measured with another model. */
        public static Pace measured(Speed speed) {
            return new Pace(speed.times(0.75), speed, speed.times(1.25));
        }
    }
}

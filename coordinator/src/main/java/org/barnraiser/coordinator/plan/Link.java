package org.barnraiser.coordinator.plan;

/**
 * The way from one machine to another.
 *
 * @param seconds until the first byte arrives
 * @param bytesPerSecond from then on
 */
public record Link(double seconds, double bytesPerSecond) {
    /** A cable within a house: a gigabit a second, and a third of a millisecond with what the programs at its ends take. */
    public static final Link USUAL = new Link(0.000_3, 125e6);

    public double seconds(double bytes) {
        return seconds + bytes / bytesPerSecond;
    }
}

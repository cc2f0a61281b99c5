package org.barnraiser.coordinator.plan;

/**
 * How fast a machine computes.
 *
 * @param bytesPerSecond weights that it reads while it makes one token
 * @param operationsPerSecond what it computes when many tokens are in one step
 * @param stepSeconds what a step costs whatever is in it
 */
public record Speed(double bytesPerSecond, double operationsPerSecond, double stepSeconds) {
    /** Of a machine of which nothing is known. */
    public static final Speed UNKNOWN = new Speed(0, 0, 0);

    public boolean isKnown() {
        return bytesPerSecond > 0 && operationsPerSecond > 0;
    }

    /** The time for so many bytes read and so many operations, which go on at the same time. */
    public double seconds(double bytes, double operations) {
        return stepSeconds + Math.max(bytes / bytesPerSecond, operations / operationsPerSecond);
    }

    /** This many times as fast. */
    public Speed times(double factor) {
        return new Speed(bytesPerSecond * factor, operationsPerSecond * factor, stepSeconds / factor);
    }
}

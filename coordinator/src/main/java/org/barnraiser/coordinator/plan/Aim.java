package org.barnraiser.coordinator.plan;

/**
 * What plans are made for, where the machines' speeds are known.
 *
 * @param readers the time per token for one, or the tokens per second for so many together
 * @param trustedEnds whether head and tail, which see text, must be on trusted machines
 */
public record Aim(int readers, boolean trustedEnds) {
    /** The shortest time per token for one reader, wherever. */
    public static final Aim ONE_READER = new Aim(1, false);

    public Aim {
        if (readers < 1) {
            throw new IllegalArgumentException("readers is " + readers + "; it must be at least 1");
        }
    }
}

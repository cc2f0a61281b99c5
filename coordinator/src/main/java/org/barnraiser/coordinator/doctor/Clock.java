package org.barnraiser.coordinator.doctor;

import java.time.Duration;
import java.util.Locale;

/** Says how another machine's clock and this one's agree. */
final class Clock {
    private static final Duration TOLERANCE = Duration.ofSeconds(5);

    private Clock() {}

    /**
     * One sentence.
     *
     * @param whose whose clock the other is, as in "the clock of ZooKeeper"
     * @param ahead by how much it is ahead of this machine's
     */
    static Finding compare(String whose, Duration ahead) {
        String seconds = String.format(Locale.ROOT, "%.1f s", Math.abs(ahead.toMillis()) / 1000.0);
        if (ahead.abs().compareTo(TOLERANCE) <= 0) {
            return Finding.ok("clock", "It agrees with the clock of " + whose + " to "
                    + (ahead.abs().toMillis() < 1000 ? "a second" : seconds) + ".");
        }
        return Finding.warning("clock",
                "This machine's clock is " + seconds + (ahead.isNegative() ? " ahead of" : " behind") + " that of "
                        + whose + ".",
                "Let both keep time by the network ('timedatectl set-ntp true'): opening hours go by the clock.");
    }
}

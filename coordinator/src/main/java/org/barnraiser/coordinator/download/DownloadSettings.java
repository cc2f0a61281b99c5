package org.barnraiser.coordinator.download;

import java.time.Duration;

/**
 * How a file is fetched.
 *
 * @param connections ranges fetched at once
 * @param chunkBytes length of a range; what a crash may cost for each connection
 * @param attempts how often in a row one range may fail before the download is given up; all that has arrived is kept
 * @param firstPause before the second attempt; it doubles from one to the next
 * @param longestPause that is waited, whatever the server asks for
 * @param stall a connection that brings nothing for this long is given up
 */
public record DownloadSettings(int connections, int chunkBytes, int attempts, Duration firstPause,
        Duration longestPause, Duration stall) {

    /** Four ranges of 16 MiB at once, patient with a server that is busy. */
    public static DownloadSettings standard() {
        return new DownloadSettings(4, 16 << 20, 8, Duration.ofSeconds(1), Duration.ofMinutes(2),
                Duration.ofSeconds(30));
    }

    /** The pause after so many failures in a row. */
    Duration pauseAfter(int failures) {
        Duration pause = firstPause.multipliedBy(1L << Math.min(failures - 1, 20));
        return pause.compareTo(longestPause) < 0 ? pause : longestPause;
    }
}

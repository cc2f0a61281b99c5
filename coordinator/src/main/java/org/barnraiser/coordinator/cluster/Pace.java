package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import java.util.Locale;
import org.barnraiser.proto.LoadProgress;

/** How fast a load's bytes arrive, since its present phase began. Used by one thread. */
final class Pace {
    private static final double MIN_SECONDS = 0.5;

    private final Ticker ticker;
    private LoadProgress.Phase phase = LoadProgress.Phase.READY;
    private long begunNanos;
    private long begunBytes;

    Pace(Ticker ticker) {
        this.ticker = ticker;
    }

    /** As {@code  (12 of 30 MB, 5.0 MB/s)}; empty for what has no bytes to wait for. */
    String words(LoadProgress message) {
        if (message.getPhase() != phase) {
            phase = message.getPhase();
            begunNanos = ticker.read();
            begunBytes = message.getDoneBytes();
        }
        boolean moves = phase == LoadProgress.Phase.FETCHING || phase == LoadProgress.Phase.VERIFYING;
        if (!moves || message.getTotalBytes() <= 0) {
            return "";
        }
        double seconds = (ticker.read() - begunNanos) / 1e9;
        String rate = seconds < MIN_SECONDS
                ? ""
                : String.format(Locale.ROOT, ", %.1f MB/s", (message.getDoneBytes() - begunBytes) / seconds / 1e6);
        return String.format(Locale.ROOT, " (%.0f of %.0f MB%s)", message.getDoneBytes() / 1e6,
                message.getTotalBytes() / 1e6, rate);
    }
}

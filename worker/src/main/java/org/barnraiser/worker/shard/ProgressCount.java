package org.barnraiser.worker.shard;

import java.util.function.LongConsumer;
import org.barnraiser.proto.LoadProgress.Phase;

/** Adds up the bytes of one acquisition for its listener. Safe for use by several threads; the listener hears one after the other. */
final class ProgressCount {
    private final long totalBytes;
    private final ProgressListener listener;
    private long doneBytes;

    ProgressCount(long totalBytes, ProgressListener listener) {
        this.totalBytes = totalBytes;
        this.listener = listener;
    }

    LongConsumer in(Phase phase) {
        return bytes -> {
            synchronized (this) {
                doneBytes += bytes;
                listener.onProgress(phase, Math.min(totalBytes, doneBytes), totalBytes);
            }
        };
    }

    synchronized long doneBytes() {
        return doneBytes;
    }

    /** Says that the work since then is done again. */
    synchronized void backTo(long bytes) {
        doneBytes = bytes;
    }
}

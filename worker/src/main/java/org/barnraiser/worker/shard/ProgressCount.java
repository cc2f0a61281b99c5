package org.barnraiser.worker.shard;

import java.util.function.LongConsumer;
import org.barnraiser.proto.LoadProgress.Phase;

/** Adds up the bytes of one acquisition for its listener. Used by one thread. */
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
            doneBytes += bytes;
            listener.onProgress(phase, Math.min(totalBytes, doneBytes), totalBytes);
        };
    }

    long doneBytes() {
        return doneBytes;
    }

    /** Says that the work since then is done again. */
    void backTo(long bytes) {
        doneBytes = bytes;
    }
}

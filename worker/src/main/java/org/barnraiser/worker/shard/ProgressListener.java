package org.barnraiser.worker.shard;

import org.barnraiser.proto.LoadProgress.Phase;

/** Hears how far a shard is. Called by the assembling thread, about once per MiB; must not block for long. */
public interface ProgressListener {
    void onProgress(Phase phase, long doneBytes, long totalBytes);
}

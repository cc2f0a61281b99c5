package org.barnraiser.worker.stage;

import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.StageTiming;

/** What a stage adds to every step. */
final class Timing {
    private Timing() {}

    static StageTiming since(long startedNanos, int stageIndex, long queueMicros) {
        long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - startedNanos);
        return StageTiming.newBuilder().setStageIndex(stageIndex).setComputeMicros(micros).setQueueMicros(queueMicros)
                .build();
    }
}

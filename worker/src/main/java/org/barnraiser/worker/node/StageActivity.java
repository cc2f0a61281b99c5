package org.barnraiser.worker.node;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a stage's engine is doing. Written by the engine's thread, read by any; never blocks. */
final class StageActivity {
    private volatile long stepsTotal;
    /** When the present step began; null while the engine waits. */
    private volatile @Nullable Long busySinceNanos;

    /** Counts a step and how long it takes. On the engine's thread. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    <T> T step(Supplier<T> computation) {
        busySinceNanos = System.nanoTime();
        try {
            return computation.get();
        } finally {
            busySinceNanos = null;
            stepsTotal++;
        }
    }

    long stepsTotal() {
        return stepsTotal;
    }

    /** How long the present step has been computed, at least 1; 0 when there is none. */
    long busyMillis() {
        Long since = busySinceNanos;
        return since == null ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
    }
}

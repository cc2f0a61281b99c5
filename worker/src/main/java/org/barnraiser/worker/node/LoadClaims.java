package org.barnraiser.worker.node;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.LoadShardRequest.Extent;

/** Which thread works on which load: a newer one for the same purpose cancels the older. Safe for use by several threads. */
final class LoadClaims {
    private final Map<Purpose, Thread> threads = new HashMap<>();

    private record Purpose(Extent extent, String id) {
        static Purpose of(LoadShardRequest request) {
            boolean run = request.getExtent() == Extent.RUN;
            return new Purpose(request.getExtent(), run ? request.getPipelineId() : request.getShard().getShardId());
        }
    }

    /** Makes the current thread the one that works on this; to be closed by it. */
    Claim claim(LoadShardRequest request) {
        var purpose = Purpose.of(request);
        synchronized (threads) {
            Thread earlier = threads.put(purpose, Thread.currentThread());
            if (earlier != null) {
                earlier.interrupt();
            }
        }
        return new Claim(purpose);
    }

    /** Cancels all loads of such extents. */
    void cancel(Predicate<Extent> which) {
        synchronized (threads) {
            threads.forEach((purpose, thread) -> {
                if (which.test(purpose.extent())) {
                    thread.interrupt();
                }
            });
        }
    }

    /** One thread's claim. */
    final class Claim implements AutoCloseable {
        private final Purpose purpose;

        private Claim(Purpose purpose) {
            this.purpose = purpose;
        }

        @Override
        public void close() {
            synchronized (threads) {
                threads.remove(purpose, Thread.currentThread());
            }
        }
    }
}

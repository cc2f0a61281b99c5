package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.weights.Census;
import org.barnraiser.proto.ListRequest;
import org.barnraiser.proto.PieceList;
import org.barnraiser.proto.WeightsGrpc;
import org.barnraiser.proto.WorkerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks all registered workers at the same time. Thread-safe. */
final class WorkerCensus implements Census {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerCensus.class);
    /** Less than a worker waits for the answer that needs it. */
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private final WorkerChannels channels;
    private volatile ImmutableList<WorkerRecord> workers = ImmutableList.of();

    WorkerCensus(WorkerChannels channels) {
        this.channels = channels;
    }

    /** These workers are registered. */
    void onWorkers(ImmutableList<WorkerRecord> registered) {
        workers = registered;
        channels.retain(registered.stream().map(WorkerRecord::getAddress).collect(ImmutableSet.toImmutableSet()));
    }

    @Override
    public ImmutableMap<String, ImmutableSet<ByteString>> take(String modelDigest, String exceptIncarnation)
            throws InterruptedException {
        Map<WorkerRecord, ListenableFuture<PieceList>> asked = new HashMap<>();
        for (WorkerRecord worker : workers) {
            if (!worker.getIncarnationId().equals(exceptIncarnation)) {
                asked.put(worker, WeightsGrpc.newFutureStub(channels.answeredBy(worker))
                        .withDeadlineAfter(DEADLINE.toNanos(), TimeUnit.NANOSECONDS)
                        .list(ListRequest.newBuilder().setModelDigest(modelDigest).build()));
            }
        }
        ImmutableMap.Builder<String, ImmutableSet<ByteString>> pieces = ImmutableMap.builder();
        for (Map.Entry<WorkerRecord, ListenableFuture<PieceList>> entry : asked.entrySet()) {
            try {
                // Every call has its deadline.
                pieces.put(entry.getKey().getIncarnationId(),
                        ImmutableSet.copyOf(entry.getValue().get().getSha256List()));
            } catch (ExecutionException e) {
                LOG.info("Worker {} does not say what it has of model {}: {}", entry.getKey().getWorkerId(),
                        modelDigest, String.valueOf(e.getCause()));
            }
        }
        return pieces.buildOrThrow();
    }
}

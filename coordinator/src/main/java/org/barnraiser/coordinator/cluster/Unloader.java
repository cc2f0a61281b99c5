package org.barnraiser.coordinator.cluster;

import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.UnloadRequest;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.proto.WorkerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells workers to free memory. Best effort: who is out of reach now is told by the next plan, or by nobody. */
final class Unloader {
    private static final Logger LOG = LoggerFactory.getLogger(Unloader.class);

    private final WorkerChannels channels;
    private final Duration deadline;

    Unloader(WorkerChannels channels, Duration deadline) {
        this.channels = channels;
        this.deadline = deadline;
    }

    /** Frees what a worker runs for a pipeline, unless it was loaded for a newer epoch. Returns at once. */
    void dismiss(WorkerRecord worker, String pipelineId, long epoch) {
        Thread.ofVirtual().name("dismiss-" + worker.getWorkerId()).start(() -> {
            var _ = release(worker, pipelineId, epoch);
        });
    }

    /** The same, but blocks, at most for the deadline; false when it could not be told. */
    boolean release(WorkerRecord worker, String pipelineId, long epoch) {
        return unload(worker, UnloadRequest.newBuilder().setPipelineId(pipelineId).setEpoch(epoch).build());
    }

    /** Frees a shard that a worker has prepared. Blocks, at most for the deadline. */
    void discard(WorkerRecord worker, String shardId) {
        var _ = unload(worker, UnloadRequest.newBuilder().setShardId(shardId).build());
    }

    /** Frees all that a worker has loaded of a model. Blocks, at most for the deadline; false when it could not be told. */
    boolean retire(WorkerRecord worker, String modelDigest) {
        return unload(worker, UnloadRequest.newBuilder().setModelDigest(modelDigest).build());
    }

    private boolean unload(WorkerRecord worker, UnloadRequest request) {
        try {
            var _ = WorkerControlGrpc.newBlockingStub(channels.to(worker.getAddress()))
                    .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)
                    .unload(request);
            return true;
        } catch (StatusRuntimeException e) {
            LOG.info("Worker {} did not unload: {}", worker.getWorkerId(), StatusText.of(e.getStatus()));
            return false;
        }
    }
}

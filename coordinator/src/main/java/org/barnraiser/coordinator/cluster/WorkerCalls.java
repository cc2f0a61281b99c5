package org.barnraiser.coordinator.cluster;

import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.WorkerWishes;
import org.barnraiser.proto.LendRequest;
import org.barnraiser.proto.Wish;
import org.barnraiser.proto.WorkerControlGrpc;

/** Calls the workers that are registered. */
final class WorkerCalls implements WorkerWishes {
    private final ClusterStatus.Source cluster;
    private final WorkerChannels channels;
    private final Duration deadline;

    WorkerCalls(ClusterStatus.Source cluster, WorkerChannels channels, Duration deadline) {
        this.cluster = cluster;
        this.channels = channels;
        this.deadline = deadline;
    }

    @Override
    public Outcome tell(String workerId, Wish wish) {
        return cluster.clusterStatus().workers().stream().filter(worker -> worker.worker().equals(workerId)).findFirst()
                .map(worker -> tell(worker, wish)).orElseGet(Outcome.Unknown::new);
    }

    private Outcome tell(ClusterStatus.Worker worker, Wish wish) {
        try {
            var _ = WorkerControlGrpc.newBlockingStub(channels.to(worker.address()))
                    .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)
                    .lend(LendRequest.newBuilder().setWish(wish).build());
            return new Outcome.Told();
        } catch (StatusRuntimeException e) {
            return new Outcome.NotTold("Worker " + worker.worker() + " was not told: " + StatusText.of(e.getStatus())
                    + ".");
        }
    }
}

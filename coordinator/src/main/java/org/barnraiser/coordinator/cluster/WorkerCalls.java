package org.barnraiser.coordinator.cluster;

import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.barnraiser.coordinator.model.WorkerWishes;
import org.barnraiser.proto.LendRequest;
import org.barnraiser.proto.Wish;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.proto.WorkerRecord;

/** Calls the workers that are registered. */
final class WorkerCalls implements WorkerWishes {
    private final Supplier<List<WorkerRecord>> workers;
    private final Function<WorkerRecord, WorkerChannels> channels;
    private final Duration deadline;

    WorkerCalls(Supplier<List<WorkerRecord>> workers, Function<WorkerRecord, WorkerChannels> channels,
            Duration deadline) {
        this.workers = workers;
        this.channels = channels;
        this.deadline = deadline;
    }

    @Override
    public Outcome tell(String workerId, Wish wish) {
        return workers.get().stream().filter(worker -> worker.getWorkerId().equals(workerId)).findFirst()
                .map(worker -> tell(worker, wish)).orElseGet(Outcome.Unknown::new);
    }

    private Outcome tell(WorkerRecord worker, Wish wish) {
        try {
            var _ = WorkerControlGrpc.newBlockingStub(channels.apply(worker).to(worker.getAddress()))
                    .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)
                    .lend(LendRequest.newBuilder().setWish(wish).build());
            return new Outcome.Told();
        } catch (StatusRuntimeException e) {
            return new Outcome.NotTold(
                    "Worker " + worker.getWorkerId() + " was not told: " + StatusText.of(e.getStatus())
                            + ".");
        }
    }
}

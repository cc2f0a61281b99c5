package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.barnraiser.proto.DescribeRequest;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.proto.WorkerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks workers themselves whether they are there: a registration outlives its worker by the session's length, and may end before
 * it.
 */
final class RollCall {
    private static final Logger LOG = LoggerFactory.getLogger(RollCall.class);

    /** Programs that have just started, and far machines, take their time when they meet for the first time. */
    private static final int UNHURRIED = 4;

    private final WorkerChannels channels;
    private final RoundTrips trips;
    private final Duration deadline;

    /** @param deadline for a worker that is not far, when somebody waits */
    RollCall(WorkerChannels channels, RoundTrips trips, Duration deadline) {
        this.channels = channels;
        this.trips = trips;
        this.deadline = deadline;
    }

    /** Those that answer at their address as the same incarnation, in the given order. Blocks until all have, or had their time. */
    ImmutableList<WorkerRecord> present(List<WorkerRecord> registered) throws InterruptedException {
        return present(registered, this::patience);
    }

    /** The same with more patience: nobody waits, and who is left out comes in only with the next plan. */
    ImmutableList<WorkerRecord> presentSoon(List<WorkerRecord> registered) throws InterruptedException {
        Duration least = deadline.multipliedBy(UNHURRIED);
        return present(registered, worker -> Collections.max(List.of(least, patience(worker))));
    }

    private ImmutableList<WorkerRecord> present(List<WorkerRecord> registered,
            Function<WorkerRecord, Duration> patience) throws InterruptedException {
        ImmutableList.Builder<WorkerRecord> present = ImmutableList.builder();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> answers = registered.stream()
                    .map(worker -> executor.submit(() -> isPresent(worker, patience.apply(worker))))
                    .toList();
            for (int i = 0; i < answers.size(); i++) {
                if (answers.get(i).get()) {
                    present.add(registered.get(i));
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("The roll call failed.", e.getCause());
        }
        return present.build();
    }

    /** Blocks, at most for the deadline, or longer for a machine that is far. */
    boolean isPresent(WorkerRecord worker) {
        return isPresent(worker, patience(worker));
    }

    private Duration patience(WorkerRecord worker) {
        return trips.patience(worker.getAddress(), Addresses.patience(worker.getAddress(), deadline));
    }

    private boolean isPresent(WorkerRecord worker, Duration patience) {
        try {
            WorkerRecord answer = WorkerControlGrpc.newBlockingStub(channels.answeredBy(worker))
                    .withDeadlineAfter(patience.toNanos(), TimeUnit.NANOSECONDS)
                    .describe(DescribeRequest.getDefaultInstance());
            return answer.getWorkerId().equals(worker.getWorkerId())
                    && answer.getIncarnationId().equals(worker.getIncarnationId());
        } catch (StatusRuntimeException e) {
            LOG.info("Worker {} at {} does not answer: {}", worker.getWorkerId(), worker.getAddress(),
                    StatusText.of(e.getStatus()));
            return false;
        }
    }
}

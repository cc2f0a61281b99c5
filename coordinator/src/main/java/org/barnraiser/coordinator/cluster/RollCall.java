package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
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

    private final WorkerChannels channels;
    private final Duration deadline;

    RollCall(WorkerChannels channels, Duration deadline) {
        this.channels = channels;
        this.deadline = deadline;
    }

    /** Those that answer at their address as the same incarnation, in the given order. Blocks, at most for the deadline. */
    ImmutableList<WorkerRecord> present(List<WorkerRecord> registered) throws InterruptedException {
        ImmutableList.Builder<WorkerRecord> present = ImmutableList.builder();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> answers = registered.stream().map(worker -> executor.submit(() -> isPresent(worker)))
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

    /** Blocks, at most for the deadline. */
    boolean isPresent(WorkerRecord worker) {
        try {
            WorkerRecord answer = WorkerControlGrpc.newBlockingStub(channels.answeredBy(worker))
                    .withDeadlineAfter(Addresses.patience(worker.getAddress(), deadline).toNanos(),
                            TimeUnit.NANOSECONDS)
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

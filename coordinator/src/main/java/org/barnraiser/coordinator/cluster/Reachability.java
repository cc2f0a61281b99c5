package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableSet;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.plan.Hop;
import org.barnraiser.coordinator.plan.Links;
import org.barnraiser.proto.ReachRequest;
import org.barnraiser.proto.ReachResponse;
import org.barnraiser.proto.WorkerControlGrpc;
import org.barnraiser.proto.WorkerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks workers whether they reach each other: two machines may each reach the coordinator and not one another. */
final class Reachability {
    private static final Logger LOG = LoggerFactory.getLogger(Reachability.class);

    /** To see how fast a way is that was not measured before; little enough for any way, and for no step to notice. */
    private static final int PROBE_BYTES = 128 << 10;

    private static final int FIRST_TIME = 2;
    /** Longer than that no worker tries. */
    private static final Duration MOST_PATIENCE = Duration.ofSeconds(10);

    private final WorkerChannels channels;
    private final Ways ways = new Ways();
    private final Duration deadline;

    Reachability(WorkerChannels channels, Duration deadline) {
        this.channels = channels;
        this.deadline = deadline;
    }

    /**
     * Which of the ways from each of these workers to the next one are cut. Blocks, at most for 20 seconds. A worker that does not
     * answer says nothing about its ways.
     */
    ImmutableSet<Hop> cutBetween(List<WorkerRecord> inOrder) throws InterruptedException {
        ImmutableSet.Builder<Hop> cut = ImmutableSet.builder();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> answers = new ArrayList<>();
            for (int i = 0; i + 1 < inOrder.size(); i++) {
                WorkerRecord from = inOrder.get(i);
                WorkerRecord to = inOrder.get(i + 1);
                answers.add(executor.submit(() -> isCut(from, to)));
            }
            for (int i = 0; i < answers.size(); i++) {
                if (answers.get(i).get()) {
                    cut.add(new Hop(inOrder.get(i).getIncarnationId(), inOrder.get(i + 1).getIncarnationId()));
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("The ways between the workers could not be tried.", e.getCause());
        }
        return cut.build();
    }

    /** What was measured on the way of asking. */
    Links links() {
        return ways.links();
    }

    private boolean isCut(WorkerRecord from, WorkerRecord to) {
        Hop hop = new Hop(from.getIncarnationId(), to.getIncarnationId());
        // Programs that have just started, and far machines, take their time when they meet for the first time.
        Duration usual = Addresses.patience(to.getAddress(),
                ways.isKnown(hop) ? deadline : deadline.multipliedBy(FIRST_TIME));
        Duration patience = Collections.min(
                List.of(RoundTrips.patience(usual, ways.roundTripNanos(hop)), MOST_PATIENCE));
        try {
            ReachResponse answer = WorkerControlGrpc.newBlockingStub(channels.to(from.getAddress()))
                    .withDeadlineAfter(2 * patience.toNanos(), TimeUnit.NANOSECONDS)
                    .reach(ReachRequest.newBuilder()
                            .setAddress(to.getAddress())
                            .setTimeoutMillis(Math.toIntExact(patience.toMillis()))
                            .setProbeBytes(ways.isKnown(hop) ? 0 : PROBE_BYTES)
                            .build());
            if (answer.getReached()) {
                ways.onReached(hop, answer);
            } else {
                LOG.warn("Worker {} does not reach worker {}.", from.getWorkerId(), to.getWorkerId());
            }
            return !answer.getReached();
        } catch (StatusRuntimeException e) {
            LOG.debug("Worker {} does not say whether it reaches {}: {}", from.getWorkerId(), to.getWorkerId(),
                    StatusText.of(e.getStatus()));
            return false;
        }
    }
}

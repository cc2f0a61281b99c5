package org.barnraiser.worker.node;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.ProbeMessage;
import org.barnraiser.proto.ReachResponse;
import org.barnraiser.proto.WorkerControlGrpc;

/** Finds out whether this machine reaches another worker, and how good the way is. */
final class Reach {
    /** What may be sent to see how fast the way is. */
    static final int MAX_PROBE_BYTES = 1 << 20;
    private static final int MAX_ANSWER_BYTES = MAX_PROBE_BYTES + (1 << 10);
    /** The quickest counts: whatever else goes on makes a round trip longer, nothing makes it shorter. */
    private static final int ROUND_TRIPS = 3;

    private Reach() {}

    /**
     * Makes a connection for the purpose. Who answers on it within the timeout is reached; measuring the way may then take as long again, for
     * a trip, and for the bytes. Blocks for so long.
     *
     * @param probeBytes to send there and have back as well; 0 for none
     */
    static ReachResponse to(Channels channels, String address, int timeoutMillis, int probeBytes) {
        ManagedChannel channel = channels.dial(address, MAX_ANSWER_BYTES, Channels.WORKER);
        try {
            var worker = WorkerControlGrpc.newBlockingStub(channel);
            // Connecting takes three trips and more, by certificates, so that a far machine has no time left for others.
            long nanos = nanos(within(worker, timeoutMillis), ProbeMessage.getDefaultInstance());
            var measured = within(worker, timeoutMillis);
            for (int trip = 0; trip < ROUND_TRIPS; trip++) {
                nanos = Math.min(nanos, nanos(measured, ProbeMessage.getDefaultInstance()));
            }
            ReachResponse.Builder reached = ReachResponse.newBuilder().setReached(true)
                    .setRoundTripMicros(TimeUnit.NANOSECONDS.toMicros(nanos));
            if (probeBytes > 0) {
                reached.setBytesPerSecond(bytesPerSecond(within(worker, timeoutMillis), probeBytes, nanos,
                        timeoutMillis));
            }
            return reached.build();
        } catch (StatusRuntimeException e) {
            return ReachResponse.newBuilder().setReason(sentence(address, timeoutMillis, e.getStatus())).build();
        } finally {
            channel.shutdownNow();
        }
    }

    private static WorkerControlGrpc.WorkerControlBlockingStub within(
            WorkerControlGrpc.WorkerControlBlockingStub worker, int timeoutMillis) {
        return worker.withDeadlineAfter(timeoutMillis, TimeUnit.MILLISECONDS);
    }

    /** A way too slow to carry the bytes there and back in time is as slow as that, and no less a way. */
    private static double bytesPerSecond(WorkerControlGrpc.WorkerControlBlockingStub worker, int probeBytes,
            long roundTripNanos, int timeoutMillis) {
        ProbeMessage load = ProbeMessage.newBuilder()
                .setPayload(UnsafeByteOperations.unsafeWrap(new byte[probeBytes])).build();
        try {
            return 2.0 * probeBytes / (Math.max(1, nanos(worker, load) - roundTripNanos) / 1e9);
        } catch (StatusRuntimeException _) {
            return 2.0 * probeBytes / (timeoutMillis / 1e3);
        }
    }

    private static long nanos(WorkerControlGrpc.WorkerControlBlockingStub worker, ProbeMessage message) {
        long started = System.nanoTime();
        var _ = worker.probe(message);
        return System.nanoTime() - started;
    }

    private static String sentence(String address, int timeoutMillis, Status status) {
        return switch (status.getCode()) {
            case DEADLINE_EXCEEDED -> address + " has not answered within " + timeoutMillis + " ms.";
            case UNAVAILABLE -> address + " cannot be reached: " + status.getDescription() + ".";
            case UNIMPLEMENTED -> "What answers at " + address + " is no worker.";
            default -> address + " answered " + status.getCode() + ".";
        };
    }
}

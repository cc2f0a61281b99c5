package org.barnraiser.worker.node;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.ProbeMessage;
import org.barnraiser.proto.ReachResponse;
import org.barnraiser.proto.WorkerControlGrpc;

/** Finds out whether this machine reaches another worker. */
final class Reach {
    private static final int MAX_ANSWER_BYTES = 1 << 10;

    private Reach() {}

    /** Makes a connection for the purpose. Blocks, at most for the timeout. */
    static ReachResponse to(Channels channels, String address, int timeoutMillis) {
        ManagedChannel channel = channels.dial(address, MAX_ANSWER_BYTES, Channels.WORKER);
        try {
            var worker = WorkerControlGrpc.newBlockingStub(channel).withDeadlineAfter(timeoutMillis,
                    TimeUnit.MILLISECONDS);
            var _ = worker.probe(ProbeMessage.getDefaultInstance()); // connects
            long started = System.nanoTime();
            var _ = worker.probe(ProbeMessage.getDefaultInstance());
            return ReachResponse.newBuilder().setReached(true)
                    .setRoundTripMicros(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - started)).build();
        } catch (StatusRuntimeException e) {
            return ReachResponse.newBuilder().setReason(sentence(address, timeoutMillis, e.getStatus())).build();
        } finally {
            channel.shutdownNow();
        }
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

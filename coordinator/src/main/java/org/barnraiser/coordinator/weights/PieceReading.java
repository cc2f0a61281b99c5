package org.barnraiser.coordinator.weights;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.barnraiser.proto.ReadChunk;

/**
 * One range on its way to a worker. It sends while the worker takes, and waits without a thread otherwise: at most one chunk is in memory
 * beyond what gRPC buffers.
 *
 * <p>INVARIANT: {@code demands} is above zero exactly while {@link #send} is queued or running, so it never runs twice at a time.
 */
final class PieceReading {
    private final ServerCallStreamObserver<ReadChunk> call;
    private final PublishedModel.Range range;
    private final Executor readers;
    private final UploadLimit limit;
    private final LongConsumer onSent;
    private final AtomicInteger demands = new AtomicInteger();
    private volatile boolean cancelled;
    private long sentBytes;
    private boolean ended;

    PieceReading(ServerCallStreamObserver<ReadChunk> call, PublishedModel.Range range, Executor readers,
            UploadLimit limit, LongConsumer onSent) {
        this.call = call;
        this.range = range;
        this.readers = readers;
        this.limit = limit;
        this.onSent = onSent;
    }

    /** Sends on, if the worker takes more; returns at once. */
    void proceed() {
        if (demands.getAndIncrement() == 0) {
            try {
                readers.execute(this::send);
            } catch (RejectedExecutionException e) {
                call.onError(Status.UNAVAILABLE.withDescription("the coordinator is stopping").withCause(e)
                        .asRuntimeException());
            }
        }
    }

    void cancel() {
        cancelled = true;
    }

    private void send() {
        int seen = demands.get();
        do {
            try {
                while (!ended && !cancelled && call.isReady()) {
                    sendChunk();
                }
            } catch (IllegalStateException | InternalError e) {
                ended = true;
                call.onError(
                        Status.UNAVAILABLE.withDescription("the model's file can no longer be read here").withCause(e)
                                .asRuntimeException());
            }
            seen = demands.addAndGet(-seen);
        } while (seen > 0);
    }

    private void sendChunk() {
        int length = (int) Math.min(limit.chunkBytes(), range.lengthBytes() - sentBytes);
        if (length > 0) {
            limit.await(length);
            call.onNext(ReadChunk.newBuilder().setData(range.copy(sentBytes, length)).build());
            sentBytes += length;
            onSent.accept(length);
        }
        if (sentBytes == range.lengthBytes()) {
            ended = true;
            call.onCompleted();
        }
    }
}

package org.barnraiser.coordinator.weights;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.barnraiser.proto.ReadChunk;
import org.barnraiser.trust.manners.Courtesy;
import org.barnraiser.trust.manners.UploadLimit;

/**
 * One range on its way to a worker. It sends while the worker takes, in turn with others, and waits without a thread otherwise: at most one
 * chunk is in memory beyond what gRPC buffers.
 *
 * <p>INVARIANT: {@code demands} is above zero exactly while {@link #send} is queued or running, so it never runs twice at a time.
 */
final class PieceReading {
    private final ServerCallStreamObserver<ReadChunk> call;
    private final long lengthBytes;
    private final PieceBytes bytes;
    private final Executor readers;
    private final UploadLimit limit;
    private final Courtesy courtesy;
    private final LongConsumer onSent;
    private final AtomicInteger demands = new AtomicInteger();
    private volatile boolean cancelled;
    private long sentBytes;
    private boolean ended;

    PieceReading(ServerCallStreamObserver<ReadChunk> call, PublishedModel.Range range, Executor readers,
            UploadLimit limit, Courtesy courtesy, LongConsumer onSent) {
        this.call = call;
        lengthBytes = range.lengthBytes();
        bytes = range.open();
        this.readers = readers;
        this.limit = limit;
        this.courtesy = courtesy;
        this.onSent = onSent;
    }

    /** Sends on, if the worker takes more; returns at once. */
    void proceed() {
        if (demands.getAndIncrement() == 0) {
            queue();
        }
    }

    private void queue() {
        try {
            readers.execute(this::send);
        } catch (RejectedExecutionException e) {
            fail("the coordinator is stopping", e);
        }
    }

    void cancel() {
        cancelled = true;
        bytes.close();
    }

    /** One chunk; for the next it queues again, as others wait for a thread, and steps and the limit may make each take long. */
    private void send() {
        int seen = demands.get();
        try {
            if (mayGoOn()) {
                sendChunk();
            }
        } catch (IOException e) {
            fail(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail("the coordinator is stopping", e);
        }
        if (mayGoOn() || demands.addAndGet(-seen) > 0) {
            queue();
        }
    }

    private boolean mayGoOn() {
        return !ended && !cancelled && call.isReady();
    }

    private void fail(String reason, Exception cause) {
        if (ended) {
            return;
        }
        ended = true;
        bytes.close();
        call.onError(Status.UNAVAILABLE.withDescription(reason).withCause(cause).asRuntimeException());
    }

    private void sendChunk() throws IOException, InterruptedException {
        int length = (int) Math.min(limit.chunkBytes(), lengthBytes - sentBytes);
        if (length > 0) {
            ByteString chunk = bytes.next(courtesy.await(length));
            limit.await(chunk.size());
            call.onNext(ReadChunk.newBuilder().setData(chunk).build());
            sentBytes += chunk.size();
            onSent.accept(chunk.size());
        }
        if (sentBytes == lengthBytes) {
            ended = true;
            bytes.close();
            call.onCompleted();
        }
    }
}

package org.barnraiser.worker.node;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.ReadChunk;
import org.barnraiser.trust.manners.Courtesy;
import org.barnraiser.trust.manners.UploadLimit;
import org.barnraiser.worker.shard.HeldPiece;

/** One piece on its way to another worker: sent as fast as that takes it, and the limit and steps of answers allow. */
final class Upload {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final ServerCallStreamObserver<ReadChunk> call;
    private final UploadLimit limit;
    private final Courtesy courtesy;
    private final PieceLedger ledger;

    Upload(ServerCallStreamObserver<ReadChunk> call, UploadLimit limit, Courtesy courtesy, PieceLedger ledger) {
        this.courtesy = courtesy;
        this.call = call;
        this.limit = limit;
        this.ledger = ledger;
    }

    /** The other side takes more, or has gone. From any thread. */
    synchronized void onReady() {
        notifyAll();
    }

    /**
     * Sends a range of the piece. Blocks until it is sent or the other side has gone.
     *
     * @param lengthBytes 0: to the end
     */
    void send(HeldPiece piece, long offsetBytes, long lengthBytes) throws StatusException, IOException {
        long end = lengthBytes == 0 ? piece.lengthBytes() : offsetBytes + lengthBytes;
        if (offsetBytes < 0 || end < offsetBytes || end > piece.lengthBytes()) {
            throw Status.INVALID_ARGUMENT.withDescription("that range is not within the piece's "
                    + piece.lengthBytes() + " bytes").asException();
        }
        for (long at = offsetBytes; at < end && awaitReady();) {
            ByteBuffer bytes = piece.read(at, awaitTurn((int) Math.min(limit.chunkBytes(), end - at)));
            int length = bytes.remaining();
            limit.await(length);
            call.onNext(ReadChunk.newBuilder().setData(UnsafeByteOperations.unsafeWrap(bytes)).build());
            ledger.onServed(length);
            at += length;
        }
        if (!call.isCancelled()) {
            call.onCompleted();
        }
    }

    /** How many of these bytes may go now. */
    private int awaitTurn(int bytes) throws StatusException {
        try {
            return courtesy.await(bytes);
        } catch (InterruptedException e) {
            throw stopping(e);
        }
    }

    private static StatusException stopping(InterruptedException e) {
        return Status.UNAVAILABLE.withDescription("this worker is stopping").withCause(e).asException();
    }

    void fail(Status status) {
        if (!call.isCancelled()) {
            call.onError(status.asException());
        }
    }

    /** Whether there is still somebody who takes it. */
    private synchronized boolean awaitReady() throws StatusException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!call.isCancelled() && !call.isReady()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw Status.DEADLINE_EXCEEDED.withDescription("nobody has taken the bytes").asException();
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(1_000_000, left));
            } catch (InterruptedException e) {
                throw stopping(e);
            }
        }
        return !call.isCancelled();
    }
}

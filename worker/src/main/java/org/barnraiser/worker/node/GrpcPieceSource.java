package org.barnraiser.worker.node;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.ReadChunk;
import org.barnraiser.proto.ReadRequest;
import org.barnraiser.proto.WeightsGrpc;
import org.barnraiser.worker.shard.PieceSource;
import org.barnraiser.worker.shard.WeightsUnavailableException;

/** Fetches pieces from a {@code Weights} service, with gRPC's flow control: a chunk is asked for when the last is on disk. */
final class GrpcPieceSource implements PieceSource, AutoCloseable {
    /** A piece that arrives more slowly than this counts as not arriving. */
    private static final long MIN_BYTES_PER_SECOND = 64 << 10;
    private static final long MIN_DEADLINE_SECONDS = 120;
    private static final int MAX_CHUNK_BYTES = (1 << 20) + 1024;

    private final String address;
    private final ManagedChannel channel;
    private final WeightsGrpc.WeightsBlockingStub weights;

    GrpcPieceSource(String address) {
        this.address = address;
        channel = Channels.dial(address, MAX_CHUNK_BYTES);
        weights = WeightsGrpc.newBlockingStub(channel);
    }

    @Override
    public void read(String modelDigest, Piece piece, Sink sink)
            throws WeightsUnavailableException, IOException, InterruptedException {
        var request = ReadRequest.newBuilder().setModelDigest(modelDigest).setPiece(piece).build();
        long seconds = MIN_DEADLINE_SECONDS + piece.getLengthBytes() / MIN_BYTES_PER_SECOND;
        // Leaving early, for whatever reason, must end the call.
        Context.CancellableContext call = Context.current().withCancellation();
        Context previous = call.attach();
        try {
            Iterator<ReadChunk> chunks = weights.withDeadline(Deadline.after(seconds, TimeUnit.SECONDS)).read(request);
            while (chunks.hasNext()) {
                ByteString data = chunks.next().getData();
                sink.accept(data.asReadOnlyByteBuffer());
            }
        } catch (StatusRuntimeException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("Fetching tensor " + piece.getTensorName() + " was cancelled");
            }
            throw new WeightsUnavailableException(
                    "Tensor " + piece.getTensorName() + " cannot be fetched from " + address
                            + ": " + describe(e.getStatus()) + ".",
                    e);
        } finally {
            call.detach(previous);
            call.cancel(null);
        }
    }

    private static String describe(Status status) {
        return status.getDescription() == null ? status.getCode().toString() : status.getDescription();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}

package org.barnraiser.worker.node;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.ReadChunk;
import org.barnraiser.proto.ReadRequest;
import org.barnraiser.proto.WeightsGrpc;
import org.barnraiser.trust.manners.Courtesy;
import org.barnraiser.worker.shard.PieceSource;
import org.barnraiser.worker.shard.WeightsUnavailableException;

/** Fetches pieces from a {@code Weights} service, with gRPC's flow control: a chunk is asked for when the last is on disk. */
final class GrpcPieceSource implements PieceSource, AutoCloseable {
    private static final int MAX_CHUNK_BYTES = (1 << 20) + 1024;

    private final String address;
    private final Patience patience;
    private final LongConsumer onBytes;
    private final Courtesy courtesy;
    private final ManagedChannel channel;
    private final WeightsGrpc.WeightsBlockingV2Stub weights;

    /**
     * A source that is connected to when it is first asked.
     *
     * @param patience with this source
     * @param onBytes hears how many bytes have come
     * @param courtesy towards steps: more is not asked for while they go first
     */
    GrpcPieceSource(Channels channels, String address, Patience patience, LongConsumer onBytes,
            Courtesy courtesy) {
        this.courtesy = courtesy;
        this.address = address;
        this.patience = patience;
        this.onBytes = onBytes;
        channel = channels.dial(address, MAX_CHUNK_BYTES, Channels.ANY_MEMBER);
        weights = WeightsGrpc.newBlockingV2Stub(channel);
    }

    @Override
    public void read(String modelDigest, Piece piece, Sink sink)
            throws WeightsUnavailableException, IOException, InterruptedException {
        BlockingClientCall<?, ReadChunk> call = weights
                .read(ReadRequest.newBuilder().setModelDigest(modelDigest).setPiece(piece).build());
        boolean finished = false;
        try {
            long begun = System.nanoTime();
            long received = 0;
            long yieldedNanos = 0;
            ReadChunk chunk;
            while ((chunk = call.read(patience.silence().toNanos(), TimeUnit.NANOSECONDS)) != null) {
                received += chunk.getData().size();
                onBytes.accept(chunk.getData().size());
                sink.accept(chunk.getData().asReadOnlyByteBuffer());
                yieldedNanos += courtesy.awaitAll(chunk.getData().size());
                requirePace(piece, received, System.nanoTime() - begun - yieldedNanos);
            }
            finished = true;
        } catch (StatusException e) {
            Status.Code code = e.getStatus().getCode();
            throw new WeightsUnavailableException(message(piece, describe(e.getStatus())), e,
                    code == Status.Code.NOT_FOUND || code == Status.Code.RESOURCE_EXHAUSTED);
        } catch (TimeoutException e) {
            throw new WeightsUnavailableException(
                    message(piece, "nothing has come for " + patience.silence().toSeconds() + " seconds"), e);
        } finally {
            // Leaving early, for whatever reason, must end the call.
            if (!finished) {
                call.cancel("the piece is not wanted any more", null);
            }
        }
    }

    private void requirePace(Piece piece, long received, long nanos) throws WeightsUnavailableException {
        if (received < piece.getLengthBytes() && patience.isOver(received, nanos)) {
            throw new WeightsUnavailableException(message(piece, "it sends too slowly"));
        }
    }

    private String message(Piece piece, String why) {
        return "Tensor " + piece.getTensorName() + " cannot be fetched from " + address + ": " + why + ".";
    }

    private static String describe(Status status) {
        return status.getDescription() == null ? status.getCode().toString() : status.getDescription();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}

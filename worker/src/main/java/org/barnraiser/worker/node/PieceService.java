package org.barnraiser.worker.node;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.barnraiser.proto.ListRequest;
import org.barnraiser.proto.PieceList;
import org.barnraiser.proto.ReadChunk;
import org.barnraiser.proto.ReadRequest;
import org.barnraiser.proto.WeightsGrpc;
import org.barnraiser.trust.manners.Courtesy;
import org.barnraiser.trust.manners.UploadLimit;
import org.barnraiser.worker.shard.HeldPiece;
import org.barnraiser.worker.shard.ShardCache;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives other workers the pieces that are on this disk, and nothing else: a request names a piece by its sha256, and only
 * bytes that were hashed are sent. Every upload has a virtual thread of its own.
 */
final class PieceService extends WeightsGrpc.WeightsImplBase {
    private static final Logger LOG = LoggerFactory.getLogger(PieceService.class);
    private static final int MAX_UPLOADS = 8;

    private final ShardCache cache;
    private final UploadLimit limit;
    private final Courtesy courtesy;
    private final PieceLedger ledger;
    private final Semaphore uploads = new Semaphore(MAX_UPLOADS);

    PieceService(ShardCache cache, UploadLimit limit, Courtesy courtesy, PieceLedger ledger) {
        this.courtesy = courtesy;
        this.cache = cache;
        this.limit = limit;
        this.ledger = ledger;
    }

    @Override
    public void list(ListRequest request, StreamObserver<PieceList> response) {
        var list = PieceList.newBuilder();
        cache.pieces(request.getModelDigest())
                .forEach(sha256 -> list.addSha256(ByteString.copyFrom(HexFormat.of().parseHex(sha256))));
        response.onNext(list.build());
        response.onCompleted();
    }

    @Override
    public void read(ReadRequest request, StreamObserver<ReadChunk> response) {
        var call = (ServerCallStreamObserver<ReadChunk>) response;
        if (!uploads.tryAcquire()) {
            call.onError(Status.RESOURCE_EXHAUSTED
                    .withDescription("this worker sends to " + MAX_UPLOADS + " others already").asException());
            return;
        }
        var upload = new Upload(call, limit, courtesy, ledger);
        call.setOnReadyHandler(upload::onReady);
        call.setOnCancelHandler(upload::onReady);
        Thread.ofVirtual().name("upload").start(() -> {
            try {
                send(request, upload);
            } finally {
                uploads.release();
            }
        });
    }

    private void send(ReadRequest request, Upload upload) {
        try (HeldPiece piece = piece(request)) {
            upload.send(piece, request.getOffsetBytes(), request.getLengthBytes());
        } catch (StatusException e) {
            upload.fail(e.getStatus());
        } catch (IOException | RuntimeException e) {
            LOG.warn("A piece could not be sent: {}", e.toString());
            upload.fail(Status.UNAVAILABLE.withDescription("this worker cannot read its disk"));
        }
    }

    private HeldPiece piece(ReadRequest request) throws StatusException, IOException {
        Optional<HeldPiece> piece = cache.open(request.getModelDigest(), request.getPiece().getSha256());
        return piece.orElseThrow(
                () -> Status.NOT_FOUND.withDescription("this worker does not have that piece").asException());
    }
}

package org.barnraiser.coordinator.weights;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.barnraiser.coordinator.download.RemoteFile;
import org.barnraiser.coordinator.download.WebClient;
import org.barnraiser.coordinator.gguf.AdapterFile;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.proto.ListRequest;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.PieceList;
import org.barnraiser.proto.ReadChunk;
import org.barnraiser.proto.ReadRequest;
import org.barnraiser.proto.WeightsGrpc;
import org.barnraiser.trust.manners.Courtesy;
import org.barnraiser.trust.manners.UploadLimit;

/**
 * Serves the pieces of published models, and nothing else: a request names a piece by its sha256, and only ranges within that piece are
 * read. Thread-safe. Reading a mapped file may wait for the disk, so it happens on a few threads of its own, never on gRPC's.
 */
public final class WeightsService extends WeightsGrpc.WeightsImplBase implements AutoCloseable {
    private static final int READING_THREADS = 4;

    private final Map<String, PublishedModel> models = new ConcurrentHashMap<>();
    private final ExecutorService readers = Executors.newFixedThreadPool(READING_THREADS,
            Thread.ofPlatform().name("weights-", 0).daemon().factory());

    /** For what is passed through, which waits for a web server and not for the disk. */
    private final ExecutorService passers = Executors
            .newThreadPerTaskExecutor(Thread.ofVirtual().name("weights-passing-", 0).factory());

    private final AtomicLong served = new AtomicLong();
    private final UploadLimit limit;
    private final Courtesy courtesy;

    /**
     * One that serves nothing yet.
     *
     * @param uploadBytesPerSecond for all readers together; empty: as fast as it goes
     * @param courtesy towards steps: nothing is sent, nor fetched to be passed on, while they go first
     */
    public WeightsService(OptionalLong uploadBytesPerSecond, Courtesy courtesy) {
        this.courtesy = courtesy;
        limit = new UploadLimit(uploadBytesPerSecond);
    }

    /** How many bytes were sent since the start. */
    public long servedBytes() {
        return served.get();
    }

    /** Whether all of this is given out from this machine's disk. */
    public boolean holds(String digest) {
        PublishedModel model = models.get(digest);
        return model != null && model.isHere();
    }

    /** From now on the model's pieces are served; the model must stay open until it is withdrawn. */
    public void publish(ModelFile model, Manifest manifest) {
        models.put(manifest.digest(), PublishedModel.of(model, manifest));
    }

    /**
     * From now on the model's pieces are served, its tensors by passing them on from where they are; the model and the client must stay
     * open until it is withdrawn.
     *
     * @param model its headers
     * @param files in split order
     */
    public void publish(ModelFile model, Manifest manifest, WebClient web, List<RemoteFile> files) {
        models.put(manifest.digest(), PublishedModel.of(model, manifest, web, files));
    }

    /** From now on the adapter's pieces are served, under its own digest; it must stay open until this service is closed. */
    public void publish(AdapterFile adapter) {
        models.put(adapter.digest(), PublishedModel.of(adapter));
    }

    /** The model's pieces are served no more. Reads under way fail when the model is closed. */
    public void withdraw(Manifest manifest) {
        models.remove(manifest.digest());
    }

    @Override
    public void read(ReadRequest request, StreamObserver<ReadChunk> observer) {
        ServerCallStreamObserver<ReadChunk> call = (ServerCallStreamObserver<ReadChunk>) observer;
        try {
            PublishedModel.Range range = range(request);
            ExecutorService threads = switch (range) {
                case PublishedModel.Here _ -> readers;
                case PublishedModel.There _ -> passers;
            };
            PieceReading reading = new PieceReading(call, range, threads, limit, courtesy, served::addAndGet);
            call.setOnReadyHandler(reading::proceed);
            call.setOnCancelHandler(reading::cancel);
            reading.proceed();
        } catch (StatusRuntimeException e) {
            call.onError(e);
        }
    }

    @Override
    public void list(ListRequest request, StreamObserver<PieceList> response) {
        PieceList.Builder list = PieceList.newBuilder();
        Optional.ofNullable(models.get(request.getModelDigest())).stream().flatMap(PublishedModel::pieces)
                .forEach(sha256 -> list.addSha256(ByteString.fromHex(sha256)));
        response.onNext(list.build());
        response.onCompleted();
    }

    private PublishedModel.Range range(ReadRequest request) {
        PublishedModel model = Optional.ofNullable(models.get(request.getModelDigest()))
                .orElseThrow(() -> refusal(Status.NOT_FOUND, "no such model is served here"));
        Piece piece = request.getPiece();
        if (!piece.getSha256().matches("[0-9a-f]{64}")) {
            throw refusal(Status.INVALID_ARGUMENT, "a piece is named by its sha256, 64 lower-case hex digits");
        }
        PublishedModel.Range whole = model.piece(piece.getSha256())
                .orElseThrow(() -> refusal(Status.NOT_FOUND, "the model has no piece " + piece.getSha256()));
        long offset = request.getOffsetBytes();
        if (offset < 0 || offset > whole.lengthBytes()) {
            throw refusal(Status.INVALID_ARGUMENT, "offset %s is beyond the piece's %d bytes"
                    .formatted(Long.toUnsignedString(offset), whole.lengthBytes()));
        }
        long rest = whole.lengthBytes() - offset;
        long length = request.getLengthBytes() == 0 ? rest : request.getLengthBytes();
        if (length < 0 || length > rest) {
            throw refusal(Status.INVALID_ARGUMENT, "%s bytes from offset %d reach beyond the piece's %d bytes"
                    .formatted(Long.toUnsignedString(length), offset, whole.lengthBytes()));
        }
        return whole.part(offset, length);
    }

    private static StatusRuntimeException refusal(Status status, String reason) {
        return status.withDescription(reason).asRuntimeException();
    }

    /** Stops all reads. */
    @Override
    public void close() {
        readers.shutdownNow();
        passers.shutdownNow();
    }
}

package org.barnraiser.coordinator.library;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.TensorInfo;
import org.barnraiser.coordinator.hash.Sha256;
import org.barnraiser.coordinator.library.Verification.Damage;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.ReadChunk;
import org.barnraiser.proto.ReadRequest;
import org.barnraiser.proto.WeightsGrpc;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.Role;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gets damaged tensors of a stored model anew from workers that have them. */
public final class Repair {
    private static final Logger LOG = LoggerFactory.getLogger(Repair.class);
    private static final int MAX_MESSAGE_BYTES = (1 << 20) + 1024;
    private static final long MIN_SECONDS = 20;
    private static final long MIN_BYTES_PER_SECOND = 256 << 10;

    private final ModelLibrary library;
    private final List<String> workers;
    private final Links links;

    /**
     * @param workers {@code host:port} of each
     * @param links by which they are reached
     */
    public Repair(ModelLibrary library, List<String> workers, Links links) {
        this.links = links;
        this.library = library;
        this.workers = workers;
    }

    /** Whether the damaged tensor is as it was again; false for what is no tensor. Blocks while it is fetched. */
    public boolean repair(StoredModel stored, Damage damage) throws LibraryException {
        Path folder = library.folder(stored);
        try (ModelFile model = ModelFile.open(library.file(stored))) {
            Map<String, String> known = Manifest.tensorHashes(
                    Files.readAllLines(folder.resolve(ModelLibrary.MANIFEST)));
            Optional<TensorInfo> tensor = model.tensors().stream()
                    .filter(one -> damage.part().equals("tensor " + one.name())).findFirst();
            String sha256 = tensor.map(one -> known.getOrDefault(one.name(), "")).orElse("");
            return !sha256.isEmpty() && repair(stored, folder, tensor.get(), sha256);
        } catch (IOException e) {
            throw new LibraryException(stored.name() + " cannot be repaired: " + e.getMessage()
                    + "; its disk may be failing.", e);
        }
    }

    private boolean repair(StoredModel stored, Path folder, TensorInfo tensor, String sha256) throws IOException {
        Path fetched = Files.createTempFile(folder, "repair", ".unfinished");
        try {
            for (String worker : workers) {
                if (isFetched(stored.digest(), tensor, sha256, worker, fetched)) {
                    write(fetched, folder.resolve(stored.files().get(tensor.fileIndex()).name()),
                            tensor.offsetBytes());
                    return true;
                }
            }
            return false;
        } finally {
            Files.deleteIfExists(fetched);
        }
    }

    private boolean isFetched(String digest, TensorInfo tensor, String sha256, String worker, Path target)
            throws IOException {
        ManagedChannel channel = links.to(worker, Set.of(Role.WORKER),
                options -> options.maxInboundMessageSize(MAX_MESSAGE_BYTES));
        try (FileChannel file = FileChannel.open(target, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            Piece piece = Piece.newBuilder().setTensorName(tensor.name()).setSha256(sha256)
                    .setLengthBytes(tensor.lengthBytes()).build();
            Iterator<ReadChunk> chunks = WeightsGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(MIN_SECONDS + tensor.lengthBytes() / MIN_BYTES_PER_SECOND, TimeUnit.SECONDS)
                    .read(ReadRequest.newBuilder().setModelDigest(digest).setPiece(piece).build());
            Sha256 hash = new Sha256();
            long length = 0;
            while (chunks.hasNext() && length <= tensor.lengthBytes()) {
                ByteString data = chunks.next().getData();
                hash.update(data.toByteArray(), data.size());
                length += data.size();
                for (var bytes = data.asReadOnlyByteBuffer(); bytes.hasRemaining();) {
                    int _ = file.write(bytes);
                }
            }
            return length == tensor.lengthBytes() && hash.hex().equals(sha256);
        } catch (StatusRuntimeException e) {
            LOG.info("Worker at {} does not give tensor {}: {}", worker, tensor.name(), e.getMessage());
            return false;
        } finally {
            channel.shutdownNow();
        }
    }

    private static void write(Path from, Path to, long offset) throws IOException {
        try (FileChannel source = FileChannel.open(from, StandardOpenOption.READ);
                FileChannel target = FileChannel.open(to, StandardOpenOption.WRITE)) {
            long size = source.size();
            for (long done = 0; done < size;) {
                done += target.transferFrom(source, offset + done, size - done);
            }
            target.force(true);
        }
    }
}

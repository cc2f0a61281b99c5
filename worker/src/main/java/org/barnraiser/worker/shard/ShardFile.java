package org.barnraiser.worker.shard;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.barnraiser.proto.Piece;

/**
 * Makes one stored file right. Every extent that is already there is hashed and kept; every other is written, from the
 * specification, from another file on this disk, or from the source, and hashed on the way. So the same walk assembles a
 * new file, goes on with an interrupted one, and repairs a damaged one; and no byte is trusted because of who delivered it.
 */
final class ShardFile implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 20;

    private final StoredLayout layout;
    private final FileChannel channel;
    private final LongConsumer onBytes;
    private final Consumer<Piece> onRight;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);

    private ShardFile(StoredLayout layout, FileChannel channel, LongConsumer onBytes, Consumer<Piece> onRight) {
        this.layout = layout;
        this.channel = channel;
        this.onBytes = onBytes;
        this.onRight = onRight;
    }

    /**
     * Opens a file to be written.
     *
     * @param onBytes hears of every run of bytes that was hashed; a negative number takes some back
     * @param onRight hears of every piece that was found or made right
     */
    static ShardFile create(StoredLayout layout, Path file, LongConsumer onBytes, Consumer<Piece> onRight)
            throws IOException {
        return new ShardFile(layout, FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE), onBytes, onRight);
    }

    /** Opens a file to be read only; the parameters are the same. */
    static ShardFile read(StoredLayout layout, Path file, LongConsumer onBytes, Consumer<Piece> onRight)
            throws IOException {
        return new ShardFile(layout, FileChannel.open(file, StandardOpenOption.READ), onBytes, onRight);
    }

    /**
     * Completes the file and forces it to disk.
     *
     * @param local where pieces may lie on this disk, by digest
     */
    void complete(Map<String, FileRange> local, PieceSources sources)
            throws ShardException, IOException, InterruptedException {
        if (channel.size() > layout.sizeBytes()) {
            channel.truncate(layout.sizeBytes());
        }
        write(damaged(), local, sources);
        // Holes come last: what lies beyond the end of a file is known to be missing without being read.
        for (Extent extent : layout.extents()) {
            if (extent.isHole()) {
                reach(extent.endBytes());
            }
        }
        channel.force(true);
    }

    /** Gives back to the disk what lies after the last piece that is right. */
    void keep(Predicate<String> isRight) throws IOException {
        long end = layout.extents().stream().filter(extent -> isRight.test(extent.piece().getSha256()))
                .mapToLong(Extent::endBytes).max().orElse(0);
        if (channel.size() > end) {
            channel.truncate(end);
        }
    }

    /** Writes these extents anew and forces the file to disk. */
    void repair(List<Extent> extents, Map<String, FileRange> local, PieceSources sources)
            throws ShardException, IOException, InterruptedException {
        write(extents, local, sources);
        channel.force(true);
    }

    private void write(List<Extent> extents, Map<String, FileRange> local, PieceSources sources)
            throws ShardException, IOException, InterruptedException {
        var missing = new ArrayList<Extent>();
        for (Extent extent : extents) {
            if (isWritten(extent, local)) {
                onRight.accept(extent.piece());
            } else {
                missing.add(extent);
            }
        }
        new PieceFetch(layout.modelDigest(), sources, extent -> new ExtentSink(channel, extent, onBytes), onRight)
                .fetch(missing);
    }

    /** Hashes every byte and says which extents are not as they must be. */
    List<Extent> damaged() throws IOException {
        var damaged = new ArrayList<Extent>();
        for (Extent extent : layout.extents()) {
            if (!extent.isHole()) {
                if (holds(extent)) {
                    onRight.accept(extent.piece());
                } else {
                    damaged.add(extent);
                }
            }
        }
        return damaged;
    }

    /** Writes it from what is here, if it is. */
    private boolean isWritten(Extent extent, Map<String, FileRange> local) throws IOException {
        if (extent.literal().isPresent()) {
            new ExtentSink(channel, extent, onBytes).accept(extent.literal().get().asReadOnlyByteBuffer());
            return true;
        }
        FileRange copy = local.get(extent.piece().getSha256());
        return copy != null && copiedFrom(copy, extent);
    }

    private boolean copiedFrom(FileRange range, Extent extent) throws IOException {
        var sink = new ExtentSink(channel, extent, onBytes);
        try (var from = FileChannel.open(range.file(), StandardOpenOption.READ)) {
            for (long done = 0; done < extent.lengthBytes();) {
                ByteBuffer bytes = next(from, range.offsetBytes() + done, extent.lengthBytes() - done);
                done += bytes.remaining();
                sink.accept(bytes);
            }
        } catch (NoSuchFileException | EOFException _) {
            // The other file is shorter than its layout says: not finished.
        }
        if (sink.isRight()) {
            return true;
        }
        sink.takeBack();
        return false;
    }

    private boolean holds(Extent extent) throws IOException {
        if (channel.size() < extent.endBytes()) {
            return false;
        }
        MessageDigest digest = Sha256.newDigest();
        for (long done = 0; done < extent.lengthBytes();) {
            ByteBuffer bytes = next(channel, extent.offsetBytes() + done, extent.lengthBytes() - done);
            done += bytes.remaining();
            digest.update(bytes);
        }
        boolean right = Sha256.hex(digest).equals(extent.piece().getSha256());
        if (right) {
            onBytes.accept(extent.lengthBytes());
        }
        return right;
    }

    /** Reads up to a chunk, at least a byte. */
    private ByteBuffer next(FileChannel from, long offset, long remaining) throws IOException {
        chunk.clear().limit((int) Math.min(CHUNK_BYTES, remaining));
        if (from.read(chunk, offset) < 0) {
            throw new EOFException("Unexpected end of file");
        }
        return chunk.flip();
    }

    /** Makes the file at least this long; what was not written stays a hole. */
    private void reach(long sizeBytes) throws IOException {
        if (channel.size() < sizeBytes) {
            channel.write(ByteBuffer.allocate(1), sizeBytes - 1);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

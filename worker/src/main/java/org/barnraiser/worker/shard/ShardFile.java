package org.barnraiser.worker.shard;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Map;
import java.util.function.LongConsumer;

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
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);

    private ShardFile(StoredLayout layout, FileChannel channel, LongConsumer onBytes) {
        this.layout = layout;
        this.channel = channel;
        this.onBytes = onBytes;
    }

    /**
     * @param onBytes hears of every run of bytes that was hashed
     */
    static ShardFile create(StoredLayout layout, Path file, LongConsumer onBytes) throws IOException {
        return new ShardFile(layout, FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE), onBytes);
    }

    static ShardFile read(StoredLayout layout, Path file, LongConsumer onBytes) throws IOException {
        return new ShardFile(layout, FileChannel.open(file, StandardOpenOption.READ), onBytes);
    }

    /**
     * Completes the file and forces it to disk.
     *
     * @param local where pieces may lie on this disk, by digest
     */
    void complete(Map<String, FileRange> local, PieceSource source)
            throws ShardException, IOException, InterruptedException {
        if (channel.size() > layout.sizeBytes()) {
            channel.truncate(layout.sizeBytes());
        }
        for (Extent extent : layout.extents()) {
            if (extent.isHole()) {
                reach(extent.endBytes());
            } else if (!holds(extent)) {
                write(extent, local, source);
            }
        }
        channel.force(true);
    }

    /** Hashes every byte. */
    void verify() throws DamagedPieceException, IOException {
        for (Extent extent : layout.extents()) {
            if (!extent.isHole() && !holds(extent)) {
                throw new DamagedPieceException(extent.piece().getTensorName(), "in this worker's cache");
            }
        }
    }

    private void write(Extent extent, Map<String, FileRange> local, PieceSource source)
            throws ShardException, IOException, InterruptedException {
        if (extent.literal().isPresent()) {
            var sink = new ExtentSink(extent);
            sink.accept(extent.literal().get().asReadOnlyByteBuffer());
            return;
        }
        FileRange copy = local.get(extent.piece().getSha256());
        if (copy != null && copiedFrom(copy, extent)) {
            return;
        }
        var sink = new ExtentSink(extent);
        try {
            source.read(layout.modelDigest(), extent.piece(), sink);
        } catch (TooManyBytesException _) {
            throw new DamagedPieceException(extent.piece().getTensorName(), "as they arrived");
        }
        if (!sink.isRight()) {
            throw new DamagedPieceException(extent.piece().getTensorName(), "as they arrived");
        }
    }

    private boolean copiedFrom(FileRange range, Extent extent) throws IOException {
        var sink = new ExtentSink(extent);
        try (var from = FileChannel.open(range.file(), StandardOpenOption.READ)) {
            for (long done = 0; done < extent.lengthBytes();) {
                ByteBuffer bytes = next(from, range.offsetBytes() + done, extent.lengthBytes() - done);
                done += bytes.remaining();
                sink.accept(bytes);
            }
        } catch (NoSuchFileException | EOFException _) {
            return false; // the other file is shorter than its layout says: not finished
        }
        return sink.isRight();
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

    /** Writes an extent's bytes in order and hashes them. */
    private final class ExtentSink implements PieceSource.Sink {
        private final Extent extent;
        private final MessageDigest digest = Sha256.newDigest();
        private long written;

        ExtentSink(Extent extent) {
            this.extent = extent;
        }

        @Override
        public void accept(ByteBuffer bytes) throws IOException {
            if (bytes.remaining() > extent.lengthBytes() - written) {
                throw new TooManyBytesException();
            }
            digest.update(bytes.duplicate());
            onBytes.accept(bytes.remaining());
            while (bytes.hasRemaining()) {
                written += channel.write(bytes, extent.offsetBytes() + written);
            }
        }

        boolean isRight() {
            return written == extent.lengthBytes() && Sha256.hex(digest).equals(extent.piece().getSha256());
        }
    }

    private static final class TooManyBytesException extends IOException {
        private static final long serialVersionUID = 1L;
    }
}

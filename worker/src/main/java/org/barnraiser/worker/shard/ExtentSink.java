package org.barnraiser.worker.shard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.function.LongConsumer;

/** Writes one extent's bytes to its place, in order, and hashes them. Used by one thread. */
final class ExtentSink implements PieceSource.Sink {
    private final FileChannel channel;
    private final Extent extent;
    private final LongConsumer onBytes;
    private final MessageDigest digest = Sha256.newDigest();
    private long written;

    /** More arrived than the extent has. */
    static final class TooManyBytesException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** @param onBytes hears of every run of bytes that was hashed; a negative number takes some back */
    ExtentSink(FileChannel channel, Extent extent, LongConsumer onBytes) {
        this.channel = channel;
        this.extent = extent;
        this.onBytes = onBytes;
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

    /** Whether all has arrived, and is what was asked for; to be asked once, at the end. */
    boolean isRight() {
        return written == extent.lengthBytes() && Sha256.hex(digest).equals(extent.piece().getSha256());
    }

    /** What was written does not count. */
    void takeBack() {
        onBytes.accept(-written);
    }
}

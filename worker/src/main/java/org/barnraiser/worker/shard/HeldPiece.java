package org.barnraiser.worker.shard;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A piece on this disk, open for reading. It stays there until this is closed. */
public final class HeldPiece implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 20;

    private final ShardCache cache;
    private final CacheEntry entry;
    private final String sha256;
    private final FileRange range;
    /** Null when the file has gone. */
    private final @Nullable FileChannel channel;

    private HeldPiece(ShardCache cache, CacheEntry entry, String sha256, FileRange range,
            @Nullable FileChannel channel) {
        this.cache = cache;
        this.entry = entry;
        this.sha256 = sha256;
        this.range = range;
        this.channel = channel;
    }

    /** @param entry pinned; released by {@link #close} */
    static HeldPiece open(ShardCache cache, CacheEntry entry, String sha256) throws IOException {
        FileRange range = Located.in(entry).stream().filter(located -> located.sha256().equals(sha256)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("The entry does not have that piece")).range();
        FileChannel channel = null;
        try {
            channel = FileChannel.open(range.file(), StandardOpenOption.READ);
        } catch (NoSuchFileException _) {
            // It was renamed or deleted in between: then it is not held.
        }
        return new HeldPiece(cache, entry, sha256, range, channel);
    }

    public long lengthBytes() {
        return range.lengthBytes();
    }

    /** Whether these are the bytes that the digest names. */
    boolean isRight() throws IOException {
        if (channel == null) {
            return false;
        }
        if (entry.isRight(sha256)) {
            return true;
        }
        MessageDigest digest = Sha256.newDigest();
        try {
            for (long done = 0; done < lengthBytes();) {
                ByteBuffer chunk = read(done, (int) Math.min(CHUNK_BYTES, lengthBytes() - done));
                done += chunk.remaining();
                digest.update(chunk);
            }
        } catch (EOFException _) {
            // Shorter than its layout says, which the digest will show.
        }
        boolean right = Sha256.hex(digest).equals(sha256);
        if (right) {
            entry.onRight(sha256);
        } else {
            entry.onDamaged();
        }
        return right;
    }

    /** Bytes from an offset within the piece; at least one, at most so many. */
    public ByteBuffer read(long offset, int length) throws IOException {
        var bytes = ByteBuffer.allocate(length);
        if (channel == null || channel.read(bytes, range.offsetBytes() + offset) < 0) {
            throw new EOFException("The file " + range.file() + " ends too early");
        }
        return bytes.flip();
    }

    @Override
    public void close() throws IOException {
        cache.release(List.of(entry));
        if (channel != null) {
            channel.close();
        }
    }
}

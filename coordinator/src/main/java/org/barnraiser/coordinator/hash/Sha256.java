package org.barnraiser.coordinator.hash;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/** sha256 as 64 lower-case hex digits: of bytes at once, or of a growing run of them. The latter is for one thread. */
public final class Sha256 {
    private static final int BUFFER_BYTES = 1 << 20;
    private static final long STEP_BYTES = 16 << 20;

    private final MessageDigest digest;

    /** Of nothing yet. */
    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Goes on with the first {@code count} of these. */
    public void update(byte[] bytes, int count) {
        digest.update(bytes, 0, count);
    }

    /** Goes on with some of these. */
    public void update(byte[] bytes, int from, int count) {
        digest.update(bytes, from, count);
    }

    /** Of all bytes so far; to be asked once. */
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Of the text as UTF-8. */
    public static String of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Sha256 hash = new Sha256();
        hash.update(bytes, bytes.length);
        return hash.hex();
    }

    public static String of(MemorySegment bytes) {
        return of(bytes, _ -> {});
    }

    /** Hashes and says after every step how many bytes it was. */
    public static String of(MemorySegment bytes, LongConsumer step) {
        Sha256 hash = new Sha256();
        for (long at = 0; at < bytes.byteSize(); at += STEP_BYTES) {
            long length = Math.min(STEP_BYTES, bytes.byteSize() - at);
            hash.digest.update(bytes.asSlice(at, length).asByteBuffer());
            step.accept(length);
        }
        return hash.hex();
    }

    /** Reads a whole file and says after every step how many bytes have been read. */
    public static String of(Path file, LongConsumer done) throws IOException {
        Sha256 hash = new Sha256();
        byte[] buffer = new byte[BUFFER_BYTES];
        long total = 0;
        try (InputStream in = Files.newInputStream(file)) {
            int read;
            while ((read = in.read(buffer)) > 0) {
                hash.update(buffer, read);
                total += read;
                done.accept(total);
            }
        }
        return hash.hex();
    }
}

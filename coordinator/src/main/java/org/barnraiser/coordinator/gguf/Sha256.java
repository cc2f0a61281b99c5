package org.barnraiser.coordinator.gguf;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/** sha256 as 64 lower-case hex digits. */
final class Sha256 {
    private static final long STEP_BYTES = 16 << 20;

    private Sha256() {}

    static String of(String text) {
        return hex(digest().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    static String of(MemorySegment bytes) {
        return of(bytes, _ -> {});
    }

    /** Hashes and says after every step how many bytes it was. */
    static String of(MemorySegment bytes, LongConsumer step) {
        MessageDigest digest = digest();
        for (long at = 0; at < bytes.byteSize(); at += STEP_BYTES) {
            long length = Math.min(STEP_BYTES, bytes.byteSize() - at);
            digest.update(bytes.asSlice(at, length).asByteBuffer());
            step.accept(length);
        }
        return hex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String hex(byte[] hash) {
        return HexFormat.of().formatHex(hash);
    }
}

package org.barnraiser.coordinator.receipt;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import java.nio.charset.StandardCharsets;

/** The SHA-256 of a text that comes in pieces, as UTF-8; the text is not kept. Not thread-safe. */
public final class TextDigest {
    private final Hasher hasher = Hashing.sha256().newHasher();
    private boolean empty = true;

    public void add(String piece) {
        hasher.putString(piece, StandardCharsets.UTF_8);
        empty &= piece.isEmpty();
    }

    /** Whether nothing was added. */
    public boolean isEmpty() {
        return empty;
    }

    /** In hex; ends it. */
    public String hex() {
        return hasher.hash().toString();
    }

    /** Of a text that is whole. */
    static String of(String text) {
        return Hashing.sha256().hashString(text, StandardCharsets.UTF_8).toString();
    }

    /** Of tokens, each as four bytes, the highest first. */
    static String of(ImmutableIntArray tokens) {
        Hasher hasher = Hashing.sha256().newHasher();
        tokens.forEach(token -> hasher.putInt(Integer.reverseBytes(token)));
        return hasher.hash().toString();
    }
}

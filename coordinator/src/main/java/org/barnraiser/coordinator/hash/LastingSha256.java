package org.barnraiser.coordinator.hash;

import java.util.HexFormat;
import org.bouncycastle.crypto.digests.SHA256Digest;

/** sha256 of a growing run of bytes that can be written down half way and gone on with by another process. For one thread. */
public final class LastingSha256 {
    private static final int HASH_BYTES = 32;

    private final SHA256Digest digest;

    private LastingSha256(SHA256Digest digest) {
        this.digest = digest;
    }

    /** Of nothing yet. */
    public static LastingSha256 begin() {
        return new LastingSha256(new SHA256Digest());
    }

    /**
     * Where another one was.
     *
     * @param state as {@link #state()} gave it
     * @throws IllegalArgumentException when it cannot be one
     */
    public static LastingSha256 from(String state) {
        try {
            return new LastingSha256(new SHA256Digest(HexFormat.of().parseHex(state)));
        } catch (ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException("no state of a sha256: " + state, e);
        }
    }

    /** Goes on with some of these. */
    public void update(byte[] bytes, int from, int count) {
        digest.update(bytes, from, count);
    }

    /** All that is needed to go on from here, in hex digits. */
    public String state() {
        return HexFormat.of().formatHex(digest.getEncodedState());
    }

    /** Of all bytes so far, 64 lower-case hex digits; to be asked once. */
    public String hex() {
        byte[] hash = new byte[HASH_BYTES];
        digest.doFinal(hash, 0);
        return HexFormat.of().formatHex(hash);
    }
}
